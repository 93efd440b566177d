namespace SamMed3D.Transfer.Tests;

/// <summary>What each variant keeps, held against the 2D patch embedding and the 2D encoder.</summary>
public sealed class WeightInflationTests
{
    private const double Rounding = 1e-12;

    public static TheoryData<VolumeAxis> Axes => [.. Enum.GetValues<VolumeAxis>()];

    public static TheoryData<InflationVariant, VolumeAxis> VariantsAndAxes
    {
        get
        {
            var all = new TheoryData<InflationVariant, VolumeAxis>();
            foreach (var variant in Enum.GetValues<InflationVariant>())
                foreach (var axis in Enum.GetValues<VolumeAxis>())
                    all.Add(variant, axis);
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Axes))]
    public void With_ReplicateMean_a_volume_constant_along_the_new_axis_has_the_images_patch_embedding(VolumeAxis axis)
    {
        using var scope = NewDisposeScope();
        var (image, kernel, bias) = Parts();
        Assert.InRange(Difference(
            Embedded(Slices(image, axis, 8), Inflate(kernel, InflationVariant.ReplicateMean, axis), bias), Slices(Embedded(image, kernel, bias), axis, 2)), 0, Rounding);
    }

    [Theory]
    [MemberData(nameof(Axes))]
    public void With_Replicate_it_has_P_times_that_but_for_the_bias(VolumeAxis axis)
    {
        using var scope = NewDisposeScope();
        var (image, kernel, bias) = Parts();
        Assert.InRange(Difference(
            Embedded(Slices(image, axis, 8), Inflate(kernel, InflationVariant.Replicate, axis), bias), Slices(Embedded(image, 4 * kernel, bias), axis, 2)), 0, Rounding);
    }

    [Theory]
    [MemberData(nameof(Axes))]
    public void With_Centre_any_volume_has_the_patch_embedding_of_the_middle_slice_of_each_patch(VolumeAxis axis)
    {
        using var scope = NewDisposeScope();
        var (_, kernel, bias) = Parts();
        var volume = randn([2, 3, 8, 8, 8], ScalarType.Float64);
        var mine = Embedded(volume, Inflate(kernel, InflationVariant.Centre, axis), bias);
        foreach (int patch in new[] { 0, 1 })
        {
            // Columns lie along the first of the axes that images have.
            var slice = volume.select(2 + (int)axis, 4 * patch + 2).transpose(2, 3);
            Assert.InRange(Difference(mine.select(2 + (int)axis, patch).transpose(2, 3), Embedded(slice, kernel, bias)), 0, Rounding);
        }
    }

    [Theory]
    [MemberData(nameof(VariantsAndAxes))]
    public void One_grey_channel_has_what_three_equal_ones_had(InflationVariant variant, VolumeAxis axis)
    {
        var planar = Planar(inputChannels: 3);
        using var source = new Sam2dEncoder(planar);
        Randomise(source);
        using var grey = new ImageEncoder(Encoder(planar, 8) with { InputChannels = 1 });
        using var colour = new ImageEncoder(Encoder(planar, 8));
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var weights = new MemoryWeights(source.state_dict());
        var inflation = new InflationOptions { Variant = variant, NewAxis = axis };
        var report = WeightLoader.LoadInflated(grey, weights, inflation);
        WeightLoader.LoadInflated(colour, weights, inflation);

        var volume = randn([1, 1, 8, 8, 8]);
        Assert.InRange(Difference(grey.Embed(volume), colour.Embed(volume.expand(-1, 3, -1, -1, -1))), 0, 1e-4);
        Assert.EndsWith("; input channels 3 -> 1, the kernels added", report.Entries.Single(entry => entry.Name == "patch_embed.proj.weight").How, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_other_channels_share_what_one_grey_one_sees()
    {
        var planar = Planar(inputChannels: 3);
        using var source = new Sam2dEncoder(planar);
        using var two = new ImageEncoder(Encoder(planar, 8) with { InputChannels = 2 });
        using var weights = new MemoryWeights(source.state_dict());
        Assert.True(WeightLoader.LoadInflated(two, weights, new InflationOptions { Variant = InflationVariant.ReplicateMean }).IsComplete);
        using var scope = NewDisposeScope();
        var sum = two.state_dict()["patch_embed.proj.weight"].sum(1, keepdim: true);
        var grey = Inflate(source.state_dict()["patch_embed.proj.weight"].sum(1, keepdim: true), InflationVariant.ReplicateMean, VolumeAxis.Z);
        Assert.InRange(Difference(sum, grey), 0, 1e-6);
    }

    [Theory]
    [InlineData(InflationVariant.ReplicateMean, VolumeAxis.X)]
    [InlineData(InflationVariant.ReplicateMean, VolumeAxis.Y)]
    [InlineData(InflationVariant.ReplicateMean, VolumeAxis.Z)]
    [InlineData(InflationVariant.Centre, VolumeAxis.Z)]
    public void Every_slice_of_a_constant_volume_is_encoded_as_the_2D_encoder_encodes_the_image(InflationVariant variant, VolumeAxis axis)
    {
        var planar = Planar(inputChannels: 1);
        using var source = new Sam2dEncoder(planar);
        Randomise(source);
        // Two whole windows of 3 tokens along the new axis.
        using var encoder = new ImageEncoder(Encoder(
            planar, axis switch { VolumeAxis.X => new(24, 16, 16), VolumeAxis.Y => new(16, 24, 16), _ => new(16, 16, 24) }));
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var weights = new MemoryWeights(source.state_dict());
        Assert.True(WeightLoader.LoadInflated(encoder, weights, new InflationOptions { Variant = variant, NewAxis = axis }).IsComplete);
        source.to(ScalarType.Float64);
        encoder.to(ScalarType.Float64);

        var image = randn([2, 1, 16, 16], ScalarType.Float64);
        // What is left is the norms' epsilon, against the zeros that the neck's convolution sees beyond both ends.
        Assert.InRange(Difference(encoder.call(Slices(image, axis, 24)), Slices(source.call(image), axis, 6)), 0, 1e-4);
    }

    [Fact]
    public void Positions_are_repeated_along_the_new_axis_and_interpolated_within_slices()
    {
        using var scope = NewDisposeScope();
        var table = randn(1, 4, 4, 3);
        var repeated = WeightInflation.Positions(table, VolumeAxis.X, 5);
        Assert.Equal([1, 5, 4, 4, 3], repeated.shape);
        Assert.Equal(0, Difference(repeated, table.transpose(1, 2).unsqueeze(1).expand(-1, 5, -1, -1, -1)));

        var planar = Planar(inputChannels: 1);
        using var source = new Sam2dEncoder(planar);
        Randomise(source);
        using var encoder = new ImageEncoder(Encoder(planar, new Size3(8, 24, 8)));
        using var weights = new MemoryWeights(source.state_dict());
        WeightLoader.LoadInflated(encoder, weights, new InflationOptions { NewAxis = VolumeAxis.Y });
        using var noGradient = no_grad();
        var expected = nn.functional.interpolate(
            source.state_dict()["pos_embed"].permute(0, 3, 2, 1), size: [2, 2], mode: InterpolationMode.Bilinear, align_corners: false);   // [1, C, X, Z]
        Assert.InRange(Difference(
            encoder.state_dict()["pos_embed"].permute(0, 4, 1, 2, 3), expected.unsqueeze(3).expand(-1, -1, -1, 6, -1)), 0, 1e-6);
    }

    [Theory]
    [InlineData("blocks.3.attn.rel_pos_d", VolumeAxis.Z, "blocks.3.attn.rel_pos_w")]
    [InlineData("blocks.3.attn.rel_pos_h", VolumeAxis.Z, "blocks.3.attn.rel_pos_h")]
    [InlineData("blocks.3.attn.rel_pos_w", VolumeAxis.Z, "blocks.3.attn.rel_pos_w")]
    [InlineData("blocks.3.attn.rel_pos_d", VolumeAxis.Y, "blocks.3.attn.rel_pos_w")]
    [InlineData("blocks.3.attn.rel_pos_h", VolumeAxis.Y, "blocks.3.attn.rel_pos_w")]
    [InlineData("blocks.3.attn.rel_pos_w", VolumeAxis.Y, "blocks.3.attn.rel_pos_h")]
    [InlineData("blocks.3.attn.rel_pos_d", VolumeAxis.X, "blocks.3.attn.rel_pos_w")]
    [InlineData("blocks.3.attn.rel_pos_h", VolumeAxis.X, "blocks.3.attn.rel_pos_w")]
    [InlineData("blocks.3.attn.rel_pos_w", VolumeAxis.X, "blocks.3.attn.rel_pos_h")]
    [InlineData("blocks.3.attn.qkv.weight", VolumeAxis.X, "blocks.3.attn.qkv.weight")]
    public void The_new_axis_has_the_images_x_axis_table_and_rows_lie_along_the_second_of_the_others(string name, VolumeAxis newAxis, string source) =>
        Assert.Equal(source, WeightInflation.SourceName(name, newAxis));

    [Fact]
    public void Nothing_is_left_behind()
    {
        using var kernel = randn(2, 3, 4, 4);
        long before = LiveTensors.Before();
        foreach (var variant in Enum.GetValues<InflationVariant>())
            Inflate(kernel, variant, VolumeAxis.Y).Dispose();
        Assert.Equal(before, LiveTensors.Now);
    }

    [Fact]
    public void A_kernel_that_is_no_square_is_refused()
    {
        using var kernel = zeros(2, 1, 4, 3);
        Assert.Contains("[2, 1, 4, 3]", Assert.Throws<ArgumentException>(() => WeightInflation.Kernel(kernel, new())).Message, StringComparison.Ordinal);
    }

    internal static Sam2dEncoderOptions Planar(int inputChannels) => new()
    {
        InputChannels = inputChannels, ImageSize = 16, PatchSize = 4, EmbeddingWidth = 12, BlockCount = 2, HeadCount = 2, OutputChannels = 16, WindowSize = 3,
        GlobalBlocks = [1],
    };

    internal static EncoderOptions Encoder(Sam2dEncoderOptions planar, Size3 size) => new()
    {
        InputChannels = planar.InputChannels, ImageSize = size, PatchSize = planar.PatchSize, EmbeddingWidth = planar.EmbeddingWidth,
        BlockCount = planar.BlockCount, HeadCount = planar.HeadCount, OutputChannels = planar.OutputChannels, WindowSize = planar.WindowSize,
        GlobalBlocks = planar.GlobalBlocks, RelativePosition = RelativePosition.Decomposed,
    };

    /// <summary>Tables, norms and biases too are random.</summary>
    internal static void Randomise(nn.Module module)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var generator = new Generator(5);
        foreach (var parameter in module.parameters())
            parameter.copy_(randn(parameter.shape, generator: generator) * 0.3 + (parameter.ndim == 1 ? 0.5 : 0));
    }

    private static Tensor Inflate(Tensor kernel, InflationVariant variant, VolumeAxis axis) =>
        WeightInflation.Kernel(kernel, new InflationOptions { Variant = variant, NewAxis = axis });

    private static (Tensor Image, Tensor Kernel, Tensor Bias) Parts() => (
        randn([2, 3, 8, 8], ScalarType.Float64), randn([5, 3, 4, 4], ScalarType.Float64), randn([5], ScalarType.Float64));

    /// <summary>A patch embedding, of an image or a volume, with patches of 4, as sums over cut-out patches: no convolution kernel is trusted here.</summary>
    private static Tensor Embedded(Tensor values, Tensor kernel, Tensor bias)
    {
        for (int axis = 2; axis < kernel.ndim; axis++)
            values = values.unfold(axis, 4, 4);
        return kernel.ndim == 4
            ? einsum("ncxyij,ecij->nexy", values, kernel) + bias.view(1, -1, 1, 1)
            : einsum("ncxyzijk,ecijk->nexyz", values, kernel) + bias.view(1, -1, 1, 1, 1);
    }

    /// <summary>[N, C, H, W] in every slice of a volume; columns lie along the first of the axes that images have.</summary>
    private static Tensor Slices(Tensor image, VolumeAxis axis, long count)
    {
        long[] repeats = [1, 1, 1, 1, 1];
        repeats[2 + (int)axis] = count;
        return image.transpose(2, 3).unsqueeze(2 + (int)axis).repeat(repeats);
    }

    private static double Difference(Tensor left, Tensor right)
    {
        Assert.Equal(right.shape, left.shape);
        return (left - right).abs().max().to(ScalarType.Float64).item<double>();
    }
}
