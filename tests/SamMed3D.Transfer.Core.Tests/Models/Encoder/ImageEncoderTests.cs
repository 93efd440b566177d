using SamMed3D.Transfer.Benchmarks;

namespace SamMed3D.Transfer.Tests;

public class ImageEncoderTests
{
    private static readonly EncoderOptions Tiny = new()
    {
        ImageSize = 40, PatchSize = 8, EmbeddingWidth = 24, BlockCount = 3, HeadCount = 3, OutputChannels = 16, WindowSize = 3,
        GlobalBlocks = [2],
    };

    [Theory]
    [InlineData(40, 3, RelativePosition.Published)]
    [InlineData(40, 3, RelativePosition.Decomposed)]
    [InlineData(40, 3, RelativePosition.None)]
    [InlineData(32, 14, RelativePosition.Published)]
    [InlineData(32, 14, RelativePosition.Decomposed)]
    [InlineData(48, 3, RelativePosition.Published)]
    [InlineData(48, 4, RelativePosition.Decomposed)]
    public void Output_and_gradients_equal_the_published_algorithm_with_its_pad_tokens(int edge, int window, RelativePosition form)
    {
        // Rounding of two orders of summation: 16 times what was seen.
        const double tolerance = 2e-4;
        using var encoder = Randomized(Tiny with { ImageSize = edge, WindowSize = window, RelativePosition = form });
        using var scope = NewDisposeScope();
        var volume = randn([2, 1, edge, edge, edge], generator: new Generator(3)).requires_grad_();
        var probe = randn([2, 16, edge / 8, edge / 8, edge / 8], generator: new Generator(4));

        var expected = new PublishedImageEncoder(encoder).Forward(volume);
        (expected * probe).sum().backward();
        var expectedGradients = Gradients(encoder, volume);
        var output = encoder.call(volume);
        (output * probe).sum().backward();
        var gradients = Gradients(encoder, volume);

        Assert.InRange((output - expected).abs().max().item<float>(), 0, tolerance);
        foreach (var (name, gradient) in gradients)
        {
            double scale = Math.Max(1, expectedGradients[name].abs().max().item<float>());
            Assert.True((gradient - expectedGradients[name]).abs().max().item<float>() <= tolerance * scale, name);
        }
    }

    [Theory]
    [InlineData(RelativePosition.Published, 2)]
    [InlineData(RelativePosition.Decomposed, 3)]
    [InlineData(RelativePosition.Decomposed, 14)]
    public void Non_cubic_grids_in_windows_equal_the_published_algorithm(RelativePosition form, int window)
    {
        using var encoder = Randomized(Tiny with
        {
            ImageSize = new(24, 40, 16), WindowSize = window, GlobalBlocks = form == RelativePosition.Published ? [] : [1],
            RelativePosition = form,
        });
        using var scope = NewDisposeScope();
        var volume = randn([2, 1, 24, 40, 16], generator: new Generator(3));
        Assert.InRange(
            (encoder.call(volume) - new PublishedImageEncoder(encoder).Forward(volume)).abs().max().item<float>(), 0, 1e-4);
    }

    [Fact]
    public void Published_relative_positions_refuse_a_non_cubic_global_grid_and_say_why()
    {
        var problem = Assert.Throws<ArgumentException>(() => new ImageEncoder(Tiny with { ImageSize = new(24, 40, 16) }));
        Assert.Contains("non-cubic", problem.Message, StringComparison.Ordinal);
        Assert.Contains("Decomposed", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_cube_than_the_built_one_resizes_the_position_tables()
    {
        using var encoder = Randomized(Tiny);
        using var volume = randn([1, 1, 24, 24, 24], generator: new Generator(3));
        using var output = encoder.call(volume);
        Assert.Equal([1, 16, 3, 3, 3], output.shape);
    }

    [Fact]
    public void A_volume_that_is_not_whole_patches_is_told_which_sizes_fit()
    {
        using var encoder = new ImageEncoder(Tiny);
        using var volume = zeros([1, 1, 40, 44, 40]);
        var problem = Assert.Throws<ArgumentException>(() => encoder.call(volume));
        Assert.Contains("40x40x40", problem.Message, StringComparison.Ordinal);
        Assert.Contains("40x48x40", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Taps_come_in_the_order_asked_with_channels_and_stride()
    {
        using var encoder = Randomized(Tiny);
        using var volume = randn([1, 1, 40, 40, 40], generator: new Generator(3));
        using var features = encoder.Features(volume, [2, 0]);
        Assert.Equal([2, 0], features.Maps.Select(map => map.Tap.Block));
        Assert.All(features.Maps, map => Assert.Equal((24, 8), (map.Channels, map.Stride)));
        Assert.All(features.Maps, map => Assert.Equal([1, 24, 5, 5, 5], map.Values.shape));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void A_tap_outside_the_blocks_is_refused_with_the_range(int block)
    {
        using var encoder = new ImageEncoder(Tiny);
        using var volume = zeros([1, 1, 40, 40, 40]);
        var problem = Assert.Throws<ArgumentOutOfRangeException>(() => encoder.Features(volume, [block]));
        Assert.Contains("0 to 2", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_parameter_gets_a_gradient()
    {
        using var encoder = Randomized(Tiny);
        using var scope = NewDisposeScope();
        encoder.call(randn([1, 1, 40, 40, 40], generator: new Generator(3))).pow(2).sum().backward();
        Assert.All(encoder.named_parameters(), entry => Assert.True(entry.parameter.grad is { } gradient
            && gradient.abs().max().item<float>() > 0, entry.name));
    }

    [Fact]
    public void A_forward_leaves_nothing_behind_but_its_output()
    {
        using var encoder = Randomized(Tiny);
        using var volume = randn([1, 1, 40, 40, 40], generator: new Generator(3));
        using (encoder.call(volume))
        {
        }

        long before = LiveTensors.Before();
        using (encoder.call(volume))
            Assert.Equal(before + 1, Tensor.TotalCount);
        using (encoder.Features(volume, [0, 1]))
            Assert.Equal(before + 2, Tensor.TotalCount);
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void The_released_model_has_the_published_keys_and_shapes() =>
        Approved.Keys("ImageEncoder.SamMed3D", () => new ImageEncoder(EncoderOptions.SamMed3D));

    [Theory]
    [MemberData(nameof(Presets))]
    public void Presets_have_the_published_parameter_counts(EncoderOptions options, long parameters) =>
        Assert.Equal(parameters, Approved.CountParameters(() => new ImageEncoder(options)));

    public static TheoryData<EncoderOptions, long> Presets() => new()
    {
        { EncoderOptions.SamMed3D, Count(768, 12, 4, 8) },
        { EncoderOptions.SamMed3DViTB, Count(384, 12, 4, 16) },
        { EncoderOptions.SamMed3DViTL, Count(1024, 24, 4, 16) },
        { EncoderOptions.SamMed3DViTH, Count(1280, 32, 4, 16) },
    };

    /// <summary>The count by arithmetic: width C, blocks, global blocks and grid edge of a published builder.</summary>
    private static long Count(long c, long blocks, long globals, long grid)
    {
        long heads = c == 1024 || c == 1280 ? 16 : 12, block = 12 * c * c + 13 * c, axisRow = 3 * (c / heads);
        long relative = axisRow * (globals * (2 * grid - 1) + (blocks - globals) * 27);
        long neck = c * 384 + 27L * 384 * 384 + 4 * 384;
        return grid * grid * grid * c + 4096 * c + c + blocks * block + relative + neck;
    }

    private static ImageEncoder Randomized(EncoderOptions options)
    {
        var encoder = new ImageEncoder(options);
        using var noGradient = no_grad();
        using var generator = new Generator(11);
        foreach (var parameter in encoder.parameters())
        {
            using var noise = randn(parameter.shape, generator: generator) * 0.2;
            parameter.add_(noise);
        }

        return encoder;
    }

    private static Dictionary<string, Tensor> Gradients(ImageEncoder encoder, Tensor volume)
    {
        var gradients = encoder.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter.grad!.clone());
        gradients["input"] = volume.grad!.clone();
        encoder.zero_grad();
        volume.grad!.zero_();
        return gradients;
    }
}
