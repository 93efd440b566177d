namespace SamMed3D.Transfer.Tests;

public class UnetrKeysTests
{
    [Fact]
    public void The_default_model_has_the_keys_and_shapes_of_MONAI() =>
        Approved.Keys("Unetr.Monai", () => Unetr.Create(UnetrOptions.Monai(1, 14, 96)));

    [Fact]
    public void The_default_model_has_as_many_parameters_as_MONAI() =>
        Assert.Equal(92_784_046, Approved.CountParameters(() => Unetr.Create(UnetrOptions.Monai(1, 14, 96))));

    [Theory]
    [InlineData("conv")]
    [InlineData("perceptron")]
    [InlineData("box")]
    [InlineData("plain-blocks")]
    public void Variants_have_the_keys_and_shapes_of_MONAI(string name) =>
        Approved.Keys($"Unetr.golden-{name}", () => Unetr.Create(Variant(name)));

    [Fact]
    public void SAM_Med3D_has_the_same_decoder_below_the_keys_of_its_encoder()
    {
        string[] decoder = Keys(UnetrOptions.ForSamMed3D(14));
        Assert.Equal(Keys(UnetrOptions.Monai(1, 14, 96)), decoder);
        Assert.Contains("decoder5.transp_conv.conv.weight", decoder);
    }

    [Theory]
    [InlineData(4, new[] { "decoder2", "decoder3", "encoder1", "encoder2", "out", "vit" })]
    [InlineData(8, new[] { "decoder2", "decoder3", "decoder4", "encoder1", "encoder2", "encoder3", "out", "vit" })]
    public void A_smaller_patch_has_fewer_levels_under_the_same_names(int patch, string[] parts)
    {
        using var unetr = Unetr.Create(new UnetrOptions
        {
            ClassCount = 2,
            Backbone = new PlainViTOptions { ImageSize = patch, PatchSize = patch, EmbeddingWidth = 12, MlpWidth = 12, HeadCount = 2 },
        });
        Assert.Equal(parts, unetr.state_dict().Keys.Select(key => key.Split('.')[0]).Distinct().Order(StringComparer.Ordinal));
    }

    private static string[] Keys(UnetrOptions options)
    {
        set_default_device(META);
        try
        {
            using var unetr = Unetr.Create(options);
            return [.. unetr.state_dict().Keys.Where(key => !key.StartsWith("vit.", StringComparison.Ordinal))];
        }
        finally
        {
            set_default_device(CPU);
        }
    }

    private static UnetrOptions Variant(string name) => name switch
    {
        "conv" => Options(new() { ImageSize = 32, EmbeddingWidth = 24, MlpWidth = 48, HeadCount = 3 }, classes: 3, features: 2),
        "perceptron" => Options(
            new()
            {
                InputChannels = 2, ImageSize = new(32, 16, 32), EmbeddingWidth = 16, MlpWidth = 44, HeadCount = 4,
                PatchProjection = PatchProjection.Perceptron,
            },
            classes: 4, features: 3),
        "box" => Options(
            new() { ImageSize = new(64, 64, 48), EmbeddingWidth = 16, MlpWidth = 40, HeadCount = 4, HasAttentionBias = true },
            classes: 2, features: 2),
        _ => Options(new() { ImageSize = new(16, 32, 48), EmbeddingWidth = 16, MlpWidth = 32, HeadCount = 2 }, classes: 3, features: 2)
            with { HasConvBlock = false, HasResidualBlock = false },
    };

    private static UnetrOptions Options(PlainViTOptions backbone, int classes, int features) =>
        new() { Backbone = backbone, ClassCount = classes, FeatureSize = features };
}
