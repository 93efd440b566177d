namespace SamMed3D.Transfer.Tests;

public class PromptEncoderTests
{
    private static readonly PromptEncoderOptions Tiny = new() { ImageSize = 32, PatchSize = 8, Width = 24, MaskChannels = 8 };

    [Fact]
    public void Boxes_without_learned_embeddings_are_refused()
    {
        using var encoder = new PromptEncoder(Tiny);
        using var boxes = zeros([1, 1, 2, 3]);
        var problem = Assert.Throws<ArgumentException>(() => encoder.call(new PromptBatch { Boxes = boxes }));
        Assert.Contains("no learned embeddings of boxes", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Boxes_with_learned_embeddings_give_two_corner_tokens_and_no_padding_point()
    {
        using var encoder = new PromptEncoder(Tiny with { HasBoxEmbeddings = true });
        Assert.Contains("point_embeddings.3.weight", encoder.state_dict().Keys);
        using var scope = NewDisposeScope();
        var boxes = tensor(new float[] { 2, 3, 4, 20, 21, 22 }).view(1, 1, 2, 3);
        var points = tensor(new float[] { 9, 9, 9 }).view(1, 1, 3);
        var alone = encoder.call(new PromptBatch { Boxes = boxes }).Sparse;
        var withPoint = encoder.call(new PromptBatch { Boxes = boxes, Points = points, Labels = ones(1, 1) }).Sparse;
        Assert.Equal([1, 2, 24], alone.shape);
        Assert.Equal([1, 3, 24], withPoint.shape);
        Assert.True(withPoint.narrow(1, 1, 2).equal(alone).all().ToBoolean());

        // The low corner's token is the position plus the third learned embedding.
        var state = encoder.state_dict();
        var phases = 2 * Math.PI * (2 * (boxes[0, 0, 0] + 0.5f) / 32 - 1).unsqueeze(0).matmul(state["pe_layer.positional_encoding_gaussian_matrix"]);
        var expected = cat([phases.sin(), phases.cos(), phases.sin()], -1) + state["point_embeddings.2.weight"];
        Assert.InRange((alone[0, 0] - expected[0]).abs().max().item<float>(), 0, 1e-5);
    }

    [Fact]
    public void No_mask_is_not_a_mask_of_zeros()
    {
        using var encoder = new PromptEncoder(Tiny);
        using var scope = NewDisposeScope();
        var none = encoder.call(new PromptBatch()).Dense;
        var zero = encoder.call(PromptBatch.OfMasks(zeros([1, 1, 16, 16, 16]))).Dense;
        Assert.True((none - zero).abs().max().item<float>() > 0.1);
    }

    [Theory]
    [InlineData(25, 8, "multiple of 3")]
    [InlineData(24, 6, "multiple of 4")]
    public void Widths_that_cannot_be_split_are_refused(int width, int maskChannels, string reason)
    {
        var problem = Assert.Throws<ArgumentException>(() => new PromptEncoder(Tiny with { Width = width, MaskChannels = maskChannels }));
        Assert.Contains(reason, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Prompts_of_other_shapes_are_refused_with_what_was_expected()
    {
        using var encoder = new PromptEncoder(Tiny);
        using var scope = NewDisposeScope();
        Refused(new PromptBatch { Points = zeros(1, 2, 3) }, "Labels");
        Refused(PromptBatch.Of(zeros(1, 2, 3), zeros(1, 3)), "[N, P, 3]");
        Refused(PromptBatch.OfMasks(zeros([1, 1, 8, 8, 8])), "[N, 1, 16, 16, 16]");
        Refused(PromptBatch.Of(zeros(2, 1, 3), zeros(2, 1), zeros([1, 1, 16, 16, 16])), "equally many");

        void Refused(PromptBatch prompts, string reason) =>
            Assert.Contains(reason, Assert.Throws<ArgumentException>(() => encoder.call(prompts)).Message, StringComparison.Ordinal);
    }
}
