namespace SamMed3D.Transfer.Tests;

public sealed class SegmentationLossTests
{
    public static TheoryData<SegmentationLoss> Losses =>
        new(new DiceLoss(), new VoxelCrossEntropyLoss(), new FocalLoss(), new DiceCrossEntropyLoss(), new DiceFocalLoss());

    private static Tensor SomeLabels() => arange(2 * 27, ScalarType.Int64).remainder(3).view(2, 3, 3, 3);

    [Theory, MemberData(nameof(Losses))]
    public void Right_logits_cost_nearly_nothing_and_wrong_ones_much(SegmentationLoss loss)
    {
        using var scope = NewDisposeScope();
        var labels = SomeLabels();
        var right = nn.functional.one_hot(labels, 3).permute(0, 4, 1, 2, 3).to(ScalarType.Float32) * 40 - 20;

        Assert.True(loss.Compute(right, labels).item<float>() < 1e-3);
        Assert.True(loss.Compute(-right, labels).item<float>() > 0.5);
    }

    [Theory, MemberData(nameof(Losses))]
    public void Labels_may_have_a_channel_axis_and_any_integer_type(SegmentationLoss loss)
    {
        using var scope = NewDisposeScope();
        var labels = SomeLabels();
        var logits = randn([2, 3, 3, 3, 3], generator: new Generator(3));

        float expected = loss.Compute(logits, labels).item<float>();

        Assert.Equal(expected, loss.Compute(logits, labels.unsqueeze(1)).item<float>());
        Assert.Equal(expected, loss.Compute(logits, labels.to(ScalarType.Byte)).item<float>());
    }

    [Theory, MemberData(nameof(Losses))]
    public void Narrow_logits_are_widened_and_get_their_gradient(SegmentationLoss loss)
    {
        using var scope = NewDisposeScope();
        var logits = randn([2, 3, 3, 3, 3], generator: new Generator(3)).to(ScalarType.BFloat16).requires_grad_();

        var value = loss.Compute(logits, SomeLabels());
        value.backward();

        Assert.Equal(ScalarType.Float32, value.dtype);
        Assert.True(logits.grad!.isfinite().all().item<bool>());
    }

    [Theory, MemberData(nameof(Losses))]
    public void Computing_leaves_only_the_result(SegmentationLoss loss)
    {
        using var labels = SomeLabels();
        using var logits = zeros([2, 3, 3, 3, 3]);
        long before = LiveTensors.Before();

        using (loss.Compute(logits, labels))
            Assert.Equal(before + 1, LiveTensors.Now);
    }

    [Fact]
    public void Shapes_that_do_not_belong_together_are_refused()
    {
        using var scope = NewDisposeScope();
        var loss = new DiceLoss();

        Assert.Contains("got [2, 3, 3, 3]", Assert.Throws<ArgumentException>(
            () => loss.Compute(zeros([2, 3, 4, 3, 3]), SomeLabels())).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => loss.Compute(zeros(2, 3), SomeLabels()));
        Assert.Throws<ArgumentException>(() => loss.Compute(zeros([2, 3, 3, 3, 3]), SomeLabels().to(ScalarType.Float32)));
        Assert.Contains("2 class weights for 3 channels", Assert.Throws<ArgumentException>(
            () => (loss with { ClassWeights = [1, 2] }).Compute(zeros([2, 3, 3, 3, 3]), SomeLabels())).Message, StringComparison.Ordinal);
    }
}
