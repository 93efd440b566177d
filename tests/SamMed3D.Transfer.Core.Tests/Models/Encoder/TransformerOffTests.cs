namespace SamMed3D.Transfer.Tests;

public sealed class TransformerOffTests
{
    public static TheoryData<string> Kinds => ["sam-med3d", "plain-vit"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_tap_has_the_tokens_of_the_patch_embedding_and_no_block_is_built(string kind)
    {
        using var encoder = Options(kind).Create();
        Assert.DoesNotContain(encoder.state_dict().Keys, key => key.StartsWith("blocks.", StringComparison.Ordinal));
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var volume = randn([1, 1, 8, 8, 8]);
        using var features = encoder.Features(volume, [0, 2]);
        Assert.True(features[0].equal(features[1]).all().item<bool>());
        if (encoder is ImageEncoder image)
            Assert.True(features[0].equal(image.Embed(volume).permute(0, 4, 1, 2, 3)).all().item<bool>());
        Assert.True(features[0].abs().max().item<float>() > 0);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_UNETR_on_it_trains_all_that_it_uses_and_leaves_nothing_behind(string kind)
    {
        using var unetr = Unetr.Create(new UnetrOptions { Backbone = Options(kind), FeatureSize = 4, ClassCount = 2, HasAffineNorm = true });
        using var volume = randn([2, 1, 8, 8, 8]);
        long before = LiveTensors.Before();
        using (NewDisposeScope())
        {
            var logits = unetr.call(volume);
            (logits * randn_like(logits)).sum().backward();
            Assert.All(new ParameterGroups(unetr).All.Where(one => !one.IsUnused), one => Assert.True(
                one.Parameter.grad is { } gradient && gradient.abs().max().item<float>() > 0, one.Name));
            unetr.zero_grad();
        }

        Assert.Equal(before, LiveTensors.Now);
    }

    [Fact]
    public void It_is_the_same_model_without_its_blocks()
    {
        using Unetr on = TinyUnetr(true), off = TinyUnetr(false);
        Assert.Equal(on.state_dict().Keys.Where(key => !key.StartsWith("vit.blocks.", StringComparison.Ordinal)), off.state_dict().Keys);
    }

    [Fact]
    public void Adapters_of_a_transformer_that_is_not_there_are_refused()
    {
        Assert.Contains("HasTransformer is false, but Adapter is set", Assert.Throws<ArgumentException>(
            () => new ImageEncoder((EncoderOptions)Options("sam-med3d") with { Adapter = new LoraOptions() })).Message, StringComparison.Ordinal);
        Assert.Contains("HasTransformer is false", Assert.Throws<ArgumentException>(
            () => new SamAdapterOptions { HasTransformer = false }.Validated()).Message, StringComparison.Ordinal);
    }

    private static Unetr TinyUnetr(bool hasTransformer) => FreezingTests.TinyUnetr(hasTransformer);

    private static BackboneOptions Options(string kind) => kind == "plain-vit"
        ? new PlainViTOptions { ImageSize = 8, PatchSize = 4, EmbeddingWidth = 8, BlockCount = 3, HeadCount = 2, MlpWidth = 8, HasTransformer = false }
        : new EncoderOptions { ImageSize = 8, PatchSize = 4, EmbeddingWidth = 8, BlockCount = 3, HeadCount = 2, OutputChannels = 16, GlobalBlocks = [2], HasTransformer = false };
}
