namespace SamMed3D.Transfer.Tests;

public class PlainViTTests
{
    private static readonly PlainViTOptions Tiny = new()
    {
        ImageSize = new(16, 8, 24), PatchSize = 8, EmbeddingWidth = 12, MlpWidth = 20, BlockCount = 3, HeadCount = 3,
    };

    [Theory]
    [InlineData(PatchProjection.Convolution)]
    [InlineData(PatchProjection.Perceptron)]
    public void Every_parameter_gets_a_gradient(PatchProjection projection)
    {
        using var encoder = new PlainViT(Tiny with { InputChannels = 2, PatchProjection = projection, HasAttentionBias = true });
        using var scope = NewDisposeScope();
        (encoder.call(Noise(2, 2, 16, 8, 24)) * Noise(2, 12, 2, 1, 3)).sum().backward();
        Assert.All(encoder.named_parameters(), entry => Assert.True(
            entry.parameter.grad is { } gradient && gradient.abs().max().item<float>() > 0, entry.name));
    }

    [Theory]
    [InlineData(PatchProjection.Convolution)]
    [InlineData(PatchProjection.Perceptron)]
    public void Fresh_positions_and_patch_weights_are_spread_out(PatchProjection projection)
    {
        using var embedding = new PlainViTPatchEmbedding(Tiny with { PatchProjection = projection });
        Assert.All(embedding.named_parameters().Where(entry => entry.parameter.Dimensions > 1), entry =>
        {
            using var spread = entry.parameter.std();
            Assert.InRange(spread.item<float>(), 0.01, 0.04);
        });
    }

    [Fact]
    public void Cutting_patches_equals_the_strided_convolution_that_the_weights_come_from()
    {
        using var embedding = new PlainViTPatchEmbedding(Tiny with { InputChannels = 2 });
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var state = embedding.state_dict();
        var volume = Noise(2, 2, 16, 8, 24);
        var expected = nn.functional.conv3d(
            volume, state["patch_embeddings.weight"], state["patch_embeddings.bias"], strides: [8, 8, 8]).flatten(2).transpose(1, 2)
            + state["position_embeddings"];
        Assert.InRange((embedding.call(volume) - expected).abs().max().item<float>(), 0, 1e-5);
    }

    [Fact]
    public void Taps_come_in_the_order_asked_with_channels_and_stride()
    {
        using var encoder = new PlainViT(Tiny);
        using var volume = Noise(1, 1, 16, 8, 24);
        using var features = encoder.Features(volume, [new(2, IsNormalized: true), 0, 2]);
        Assert.Equal([new(2, true), 0, 2], features.Maps.Select(map => map.Tap));
        Assert.All(features.Maps, map => Assert.Equal((12, 8), (map.Channels, map.Stride)));
        Assert.All(features.Maps, map => Assert.Equal([1, 12, 2, 1, 3], map.Values.shape));
        using var last = encoder.call(volume);
        Assert.True(last.equal(features[0]).all().item<bool>());
        Assert.False(last.equal(features[2]).all().item<bool>());
    }

    [Fact]
    public void Blocks_beyond_the_last_tap_are_not_run()
    {
        using var encoder = new PlainViT(Tiny);
        using var volume = Noise(1, 1, 16, 8, 24);
        int runs = 0;
        foreach (var (name, module) in encoder.named_modules())
            if (name.StartsWith("blocks.", StringComparison.Ordinal) && name.Count(letter => letter == '.') == 1)
                ((nn.Module<Tensor, Tensor>)module).register_forward_hook((_, _, tokens) =>
                {
                    runs++;
                    return tokens;
                });
        using var features = encoder.Features(volume, [1]);
        Assert.Equal(2, runs);
    }

    [Fact]
    public void Another_size_resamples_the_positions_and_keeps_a_constant_table_constant()
    {
        using var embedding = new PlainViTPatchEmbedding(Tiny);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        embedding.state_dict()["position_embeddings"].fill_(0.5);
        var tokens = embedding.call(zeros([1, 1, 8, 32, 16])) - embedding.state_dict()["patch_embeddings.bias"];
        Assert.Equal([1, 1 * 4 * 2, 12], tokens.shape);
        Assert.InRange((tokens - 0.5).abs().max().item<float>(), 0, 1e-6);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void A_tap_outside_the_blocks_is_refused_with_the_range(int block)
    {
        using var encoder = new PlainViT(Tiny);
        using var volume = zeros([1, 1, 16, 8, 24]);
        var problem = Assert.Throws<ArgumentOutOfRangeException>(() => encoder.Features(volume, [block]));
        Assert.Contains("0 to 2", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_forward_leaves_nothing_behind_but_its_output()
    {
        using var encoder = new PlainViT(Tiny);
        using var volume = Noise(1, 1, 16, 8, 24);
        long before = CollectedTensorCount();
        using (encoder.call(volume))
            Assert.Equal(before + 1, Tensor.TotalCount);
        using (encoder.Features(volume, [0, new(2, IsNormalized: true)]))
            Assert.Equal(before + 2, Tensor.TotalCount);
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Options_that_contradict_each_other_are_named()
    {
        static string Problem(PlainViTOptions options) => Assert.Throws<ArgumentException>(() => new PlainViT(options)).Message;

        Assert.Contains("EmbeddingWidth 12 cannot be split over HeadCount 5", Problem(Tiny with { HeadCount = 5 }), StringComparison.Ordinal);
        Assert.Contains("BlockCount is 0", Problem(Tiny with { BlockCount = 0 }), StringComparison.Ordinal);
        Assert.Contains("16x8x24", Problem(Tiny with { ImageSize = new(16, 9, 24) }), StringComparison.Ordinal);
    }

    /// <summary>Tensors of earlier tests that nobody disposed are collected first: they would go at any time.</summary>
    private static long CollectedTensorCount()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Tensor.TotalCount;
    }

    private static Tensor Noise(params long[] shape)
    {
        using var generator = new Generator(7);
        return randn(shape, generator: generator);
    }
}
