namespace SamMed3D.Transfer.Tests;

public class UnetrOptionsTests
{
    [Fact]
    public void Taps_of_the_plain_transformer_are_those_of_MONAI() =>
        Assert.Equal([3, 6, 9, new(11, IsNormalized: true)], UnetrOptions.Monai(1, 2, 96).Taps);

    [Fact]
    public void Taps_of_SAM_Med3D_are_its_global_blocks() =>
        Assert.Equal(
            EncoderOptions.SamMed3D.GlobalBlocks.Select(FeatureTap.FromInt32), UnetrOptions.ForSamMed3D(14).Validated().Taps);

    [Theory]
    [InlineData(2, 1)]
    [InlineData(4, 2)]
    [InlineData(8, 3)]
    [InlineData(16, 4)]
    [InlineData(32, 5)]
    public void The_patch_decides_the_number_of_levels_and_taps(int patch, int levels)
    {
        var options = new UnetrOptions { Backbone = new PlainViTOptions { PatchSize = patch } }.Validated();
        Assert.Equal(levels, options.LevelCount);
        Assert.Equal(levels, options.Taps.Distinct().Count());
        Assert.Equal(new FeatureTap(11, IsNormalized: true), options.Taps[^1]);
    }

    [Fact]
    public void A_contradiction_is_named_with_both_sides()
    {
        var fine = new UnetrOptions();
        Assert.Contains("PatchSize is 12", Problem(fine with { Backbone = new PlainViTOptions { PatchSize = 12 } }), StringComparison.Ordinal);
        Assert.Contains("Taps name 2 blocks, but PatchSize 16 gives 4", Problem(fine with { Taps = [1, 2] }), StringComparison.Ordinal);
        Assert.Contains("block 12, but the encoder has blocks 0 to 11", Problem(fine with { Taps = [3, 6, 9, 12] }), StringComparison.Ordinal);
        Assert.Contains("use 4 blocks or more", Problem(fine with { Backbone = new PlainViTOptions { BlockCount = 3 } }), StringComparison.Ordinal);
        Assert.Contains("ClassCount is -1", Problem(fine with { ClassCount = -1 }), StringComparison.Ordinal);
        Assert.Contains("FeatureSize is 0", Problem(fine with { FeatureSize = 0 }), StringComparison.Ordinal);
    }

    private static string Problem(UnetrOptions options) => Assert.Throws<ArgumentException>(options.Validated).Message;
}
