namespace SamMed3D.Transfer.Tests;

public class ResidualUnetOptionsTests
{
    [Fact]
    public void The_defaults_are_the_published_stages_channels_and_blocks()
    {
        var options = new ResidualUnetOptions { ClassCount = 14 }.Validated();
        Assert.Equal([1, 2, 2, 2, 2, 2], options.StageStrides);
        Assert.Equal([32, 64, 128, 256, 320, 320], Enumerable.Range(0, 6).Select(options.ChannelsOf));
        Assert.Equal([1, 3, 4, 6, 6, 6], options.Resolved(1).BlockCounts!);
        Assert.Equal(32, options.TotalStride);
    }

    [Fact]
    public void Slices_far_apart_are_not_halved_before_the_other_axes_are_as_coarse()
    {
        // 40 x 192 x 192 voxels of 4 x 1 x 1 mm.
        Assert.Equal([1, new(1, 2, 2), new(1, 2, 2), 2, 2, 2], ResidualUnetOptions.StridesFor(new(40, 192, 192), new(4, 1, 1)));
    }

    [Theory]
    [InlineData(32, 32, 32, 4)]
    [InlineData(48, 64, 48, 4)]
    [InlineData(16, 16, 16, 3)]
    [InlineData(7, 7, 7, 1)]
    [InlineData(8, 4, 4, 1)]
    [InlineData(12, 4, 4, 2)]
    public void Axes_are_halved_down_to_4_voxels(int x, int y, int z, int stages) =>
        Assert.Equal(stages, ResidualUnetOptions.StridesFor(new(x, y, z), 1).Count);

    [Fact]
    public void A_size_that_cannot_be_halved_is_refused_with_sizes_that_can()
    {
        var options = new ResidualUnetOptions { ImageSize = new(35, 51, 35) };
        Assert.Contains("multiples of 8x8x8, such as 32x48x32 or 40x56x40", options.WhyRefused(options.ImageSize), StringComparison.Ordinal);
        Assert.Null(options.WhyRefused(new(40, 8, 16)));
    }

    [Fact]
    public void Contradictions_name_both_sides()
    {
        var tiny = new ResidualUnetOptions { ImageSize = 16, FeatureSize = 16, ClassCount = 2 };
        Assert.Same(tiny, tiny.Validated());
        Assert.Contains("FeatureSize is 24", Problem(tiny with { FeatureSize = 24 }), StringComparison.Ordinal);
        Assert.Contains("at least FeatureSize, which is 16", Problem(tiny with { MaximumFeatureSize = 0 }), StringComparison.Ordinal);
        Assert.Contains("name 4 stages, but Strides are not given", Problem(tiny with { BlockCounts = [1, 3, 4, 6] }), StringComparison.Ordinal);
        Assert.Contains("name 3 stages, but Strides name 2", Problem(tiny with { BlockCounts = [1, 3, 4], Strides = [1, 2] }), StringComparison.Ordinal);
        Assert.Contains("at least 1 in each stage", Problem(tiny with { BlockCounts = [1, 0], Strides = [1, 2] }), StringComparison.Ordinal);
        Assert.Contains("the first of which is 1", Problem(tiny with { Strides = [2, 2] }), StringComparison.Ordinal);
        Assert.Contains("the first of which is 1", Problem(tiny with { Strides = [] }), StringComparison.Ordinal);
        Assert.Contains("1 or 2 along an axis", Problem(tiny with { Strides = [1, new(2, 4, 2)] }), StringComparison.Ordinal);
        Assert.Contains("InputChannels is 0", Problem(tiny with { InputChannels = 0 }), StringComparison.Ordinal);
        Assert.Contains("ImageSize is 0x16x16", Problem(tiny with { ImageSize = new(0, 16, 16) }), StringComparison.Ordinal);
        Assert.Contains("ClassCount is not set", Assert.Throws<ArgumentException>(() => new ResidualUnet(tiny with { ClassCount = 0 })).Message, StringComparison.Ordinal);
    }

    private static string Problem(ResidualUnetOptions options) => Assert.Throws<ArgumentException>(options.Validated).Message;
}
