namespace SamMed3D.Transfer.Tests;

public class UnetrTests
{
    [Theory]
    [InlineData(2, false)]
    [InlineData(4, false)]
    [InlineData(8, true)]
    [InlineData(16, false)]
    [InlineData(16, true)]
    public void Every_parameter_gets_a_gradient(int patch, bool hasConvolutionalSkips)
    {
        var options = Tiny(patch) with { HasConvolutionalSkips = hasConvolutionalSkips, HasAffineNorm = true };
        using var unetr = Unetr.Create(options);
        using var scope = NewDisposeScope();
        var logits = unetr.call(Noise(options));
        Assert.Equal([2, 3, .. options.Backbone.ImageSize.ToArray()], logits.shape);
        (logits * randn_like(logits)).sum().backward();
        Assert.All(unetr.named_parameters(), entry => Assert.True(
            entry.parameter.grad is { } gradient && gradient.abs().max().item<float>() > 0, entry.name));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(16)]
    public void Weights_copied_into_another_model_give_the_same_logits_and_repeat(int patch)
    {
        var options = Tiny(patch) with { HasConvolutionalSkips = true };
        using var first = Unetr.Create(options);
        using var second = Unetr.Create(options);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        foreach (var (name, target) in second.state_dict())
            target.copy_(first.state_dict()[name]);
        first.eval();
        second.eval();
        var volume = Noise(options);
        var logits = first.call(volume);
        Assert.True(logits.equal(second.call(volume)).all().item<bool>());
        Assert.True(logits.equal(first.call(volume)).all().item<bool>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_training_step_leaves_nothing_behind(bool hasConvolutionalSkips)
    {
        var options = Tiny(8) with { HasConvolutionalSkips = hasConvolutionalSkips };
        using var unetr = Unetr.Create(options);
        using var volume = Noise(options);
        long before = CollectedTensorCount();
        for (int step = 0; step < 2; step++)
        {
            using var scope = NewDisposeScope();
            unetr.call(volume).sum().backward();
            unetr.zero_grad();
        }

        Assert.Equal(before, Tensor.TotalCount);
        using (no_grad())
        using (unetr.call(volume))
            Assert.Equal(before + 1, Tensor.TotalCount);
        Assert.False(volume.IsInvalid);
    }

    [Fact]
    public void A_size_that_was_not_built_for_is_segmented_when_it_is_whole_patches()
    {
        using var unetr = Unetr.Create(Tiny(8));
        using var volume = zeros([1, 1, 24, 8, 16]);
        using var logits = unetr.call(volume);
        Assert.Equal([1, 3, 24, 8, 16], logits.shape);
    }

    [Fact]
    public void A_size_that_does_not_fit_is_refused_with_sizes_that_do()
    {
        using var unetr = Unetr.Create(Tiny(8));
        using var volume = zeros([1, 1, 20, 8, 16]);
        var problem = Assert.Throws<ArgumentException>(() => unetr.call(volume));
        Assert.Contains("16x8x16", problem.Message, StringComparison.Ordinal);
        Assert.Contains("24x8x16", problem.Message, StringComparison.Ordinal);
        using var channels = zeros([1, 2, 16, 8, 16]);
        Assert.Contains("[N, 1, X, Y, Z]", Assert.Throws<ArgumentException>(() => unetr.call(channels)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_SAM_Med3D_encoder_is_decoded_and_belongs_to_the_model()
    {
        var encoder = new ImageEncoder(new EncoderOptions
        {
            ImageSize = 32, EmbeddingWidth = 12, BlockCount = 4, HeadCount = 3, OutputChannels = 8, GlobalBlocks = [3],
        });
        using var unetr = new Unetr(encoder, new UnetrOptions { ClassCount = 3, FeatureSize = 2 });
        Assert.Same(encoder, unetr.Backbone);
        Assert.Same(encoder.Options, unetr.Options.Backbone);
        Assert.Contains("vit.blocks.3.attn.qkv.weight", unetr.state_dict().Keys);
        using var volume = ones([1, 1, 32, 32, 32]);
        using var logits = unetr.call(volume);
        Assert.Equal([1, 3, 32, 32, 32], logits.shape);
    }

    [Fact]
    public void Convolutional_skips_are_added_to_those_of_a_plain_UNETR()
    {
        using var plain = Unetr.Create(Tiny(16) with { HasAffineNorm = true });
        using var extended = Unetr.Create(Tiny(16) with { HasAffineNorm = true, HasConvolutionalSkips = true });
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var added = extended.state_dict();
        foreach (var (name, source) in plain.state_dict())
        {
            added[name].copy_(source);
            added.Remove(name);
        }

        Assert.All(added.Keys, name => Assert.StartsWith("convolutional_skip", name, StringComparison.Ordinal));
        var volume = Noise(plain.Options);
        Assert.False(extended.call(volume).equal(plain.call(volume)).all().item<bool>());
        foreach (var (name, parameter) in added)
            if (name.Contains(".norm", StringComparison.Ordinal))
                parameter.zero_();
        Assert.True(extended.call(volume).equal(plain.call(volume)).all().item<bool>());
    }

    private static UnetrOptions Tiny(int patch) => new()
    {
        Backbone = new PlainViTOptions
        {
            ImageSize = new(2 * patch, patch, 2 * patch), PatchSize = patch, EmbeddingWidth = 12, MlpWidth = 20, BlockCount = 5, HeadCount = 3,
        },
        ClassCount = 3,
        FeatureSize = 2,
    };

    /// <summary>Tensors of earlier tests that nobody disposed are collected first: they would go at any time.</summary>
    private static long CollectedTensorCount()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Tensor.TotalCount;
    }

    private static Tensor Noise(UnetrOptions options)
    {
        using var generator = new Generator(7);
        return randn([2, options.Backbone.InputChannels, .. options.Backbone.ImageSize.ToArray()], generator: generator);
    }
}
