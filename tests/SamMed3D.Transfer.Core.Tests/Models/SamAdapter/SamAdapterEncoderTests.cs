namespace SamMed3D.Transfer.Tests;

public class SamAdapterEncoderTests
{
    private static readonly SamAdapterOptions Tiny = new()
    {
        ImageSize = 16, PatchSize = 4, SamPatchSize = 8, SlicesPerToken = 4, SamGrid = 8, SamWindowSize = 3, SamGlobalBlocks = [1, 3], WindowSize = 2,
        EmbeddingWidth = 24, BlockCount = 4, HeadCount = 3, OutputChannels = 16,
    };

    [Fact]
    public void Exactly_what_the_adapter_adds_and_the_norms_get_gradients()
    {
        using var encoder = Randomized(Tiny);
        using var volume = randn([1, 1, 16, 16, 16], generator: new Generator(3));
        using var scope = NewDisposeScope();
        var tokens = encoder.Embed(volume, Tiny.Grid);
        var loss = zeros(1);
        for (var block = 0; block < 4; block++)
        {
            tokens = encoder.Blocks[block].call(tokens);
            loss = loss + encoder.Neck(block, tokens).pow(2).sum();
        }

        loss.sum().backward();
        foreach (var (name, parameter) in encoder.named_parameters())
        {
            bool isNew = name.StartsWith("neck_3d.", StringComparison.Ordinal) || name.Contains("adapter", StringComparison.Ordinal) || name.Contains("norm", StringComparison.Ordinal)
                || name is "depth_embed" or "slice_embed.weight" or "slice_embed.bias" || name.EndsWith("rel_pos_d", StringComparison.Ordinal);
            Assert.Equal(isNew, parameter.requires_grad);
            Assert.True(isNew == (parameter.grad is { } gradient && gradient.abs().max().item<float>() > 0), name);
        }
    }

    [Fact]
    public void What_learns_is_the_same_after_a_change_of_type()
    {
        using var encoder = new SamAdapterEncoder(Tiny);
        string[] Learning() => [.. encoder.named_parameters().Where(entry => entry.parameter.requires_grad).Select(entry => entry.name)];
        string[] before = Learning();
        encoder.to(ScalarType.Float64);
        Assert.Equal(before, Learning());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1)]
    public void A_small_volume_gives_what_the_enlarged_one_would(int channels)
    {
        using var encoder = Randomized(Tiny with { InputChannels = channels });
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var volume = randn([2, channels, 16, 16, 16], generator: new Generator(3));
        var enlarged = nn.functional.interpolate(volume, size: [32, 32, 16], mode: InterpolationMode.Trilinear, align_corners: false);
        var shortened = nn.functional.interpolate(volume, size: [32, 32, 12], mode: InterpolationMode.Trilinear, align_corners: false);
        Assert.InRange(Difference(encoder.Embed(volume, Tiny.Grid), encoder.Embed(enlarged, Tiny.Grid)), 0, 1e-5);
        Assert.InRange(Difference(encoder.Embed(volume, new(4, 4, 3)), encoder.Embed(shortened, new(4, 4, 3))), 0, 1e-5);
    }

    [Fact]
    public void One_channel_stands_for_all_three_colours()
    {
        using var grey = Randomized(Tiny);
        using var colour = new SamAdapterEncoder(Tiny with { InputChannels = 3 });
        colour.load_state_dict(grey.state_dict());
        using var volume = randn([1, 1, 16, 16, 16], generator: new Generator(3));
        using var tripled = volume.expand(1, 3, 16, 16, 16);
        using var one = grey.call(volume);
        using var three = colour.call(tripled);
        Assert.InRange(Difference(one, three), 0, 1e-4);
    }

    [Fact]
    public void Float32_gives_the_gradients_of_float64()
    {
        // LibTorch's convolutions are wrong for some numbers of channels and layouts; 12 and 24 are no multiples of 16.
        using var single = Randomized(Tiny);
        using var twofold = new SamAdapterEncoder(Tiny);
        twofold.load_state_dict(single.state_dict());
        twofold.to(ScalarType.Float64);
        using var scope = NewDisposeScope();
        var volume = randn([1, 1, 16, 16, 16], generator: new Generator(3));
        single.call(volume).mean().backward();
        twofold.call(volume.to(ScalarType.Float64)).mean().backward();
        foreach (var (one, two) in single.named_parameters().Zip(twofold.named_parameters()).Where(pair => pair.Second.parameter.grad is not null))
        {
            double scale = Math.Max(1e-3, two.parameter.grad!.abs().max().item<double>());
            Assert.True(Difference(one.parameter.grad!.to(ScalarType.Float64), two.parameter.grad!) <= 1e-3 * scale, one.name);
        }
    }

    [Fact]
    public void Another_volume_than_the_built_one_resizes_the_position_tables()
    {
        using var encoder = Randomized(Tiny);
        using var volume = randn([1, 1, 24, 16, 8], generator: new Generator(3));
        using var output = encoder.call(volume);
        Assert.Equal([1, 16, 6, 4, 2], output.shape);
    }

    [Fact]
    public void A_volume_that_its_windows_do_not_divide_is_told_what_fits()
    {
        using var encoder = new SamAdapterEncoder(Tiny);
        using var volume = zeros([1, 1, 20, 16, 16]);
        var problem = Assert.Throws<ArgumentException>(() => encoder.call(volume));
        Assert.Contains("multiples of 8", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "1 (used for all three colours) or 3")]
    public void Another_number_of_channels_is_refused(int channels, string reason)
    {
        var problem = Assert.Throws<ArgumentException>(() => new SamAdapterEncoder(Tiny with { InputChannels = channels }));
        Assert.Contains(reason, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_mask_keeps_apart_what_only_the_shift_made_neighbours()
    {
        using var mask = ShiftedWindows.Mask(new(4, 4, 4), 2, CPU);
        Assert.Equal([8, 8, 8], mask.shape);
        // The first window lies within the volume; in the last, all eight tokens come from different corners.
        Assert.Equal(0, mask[0].abs().max().item<float>());
        Assert.Equal(56 * -100, mask[7].sum().item<float>());
    }

    [Fact]
    public void An_axis_with_one_window_is_not_shifted()
    {
        Assert.Equal([0, 1, 0], ShiftedWindows.Shifts(new(2, 4, 2), 2));
        using var mask = ShiftedWindows.Mask(new(2, 2, 2), 2, CPU);
        Assert.Equal(0, mask.abs().max().item<float>());
    }

    [Fact]
    public void A_training_step_leaves_nothing_behind()
    {
        using var encoder = Randomized(Tiny);
        using var volume = randn([1, 1, 16, 16, 16], generator: new Generator(3));
        void Step()
        {
            using var scope = NewDisposeScope();
            using var features = encoder.Features(volume, [1, 3]);
            encoder.call(volume).sum().backward();
        }

        Step();
        long before = LiveTensors.Before();
        Step();
        Assert.Equal(before, LiveTensors.Now);
        using (encoder.call(volume))
            Assert.Equal(before + 1, LiveTensors.Now);
    }

    [Fact]
    public void At_full_size_parameters_and_those_that_learn_are_as_many_as_counted_by_hand()
    {
        const long c = 768, blocks = 12, half = c / 2;
        const long attention = 3 * c * c + 3 * c + c * c + c, mlp = 8 * c * c + 5 * c, relative = 2 * 64 * (8 * 27 + 4 * 127);
        const long frozen = 64 * 64 * c + 3 * 256 * c + c + blocks * (attention + mlp + 1) + relative;
        const long adapter = c * half + half + 27 * half + half + half * c + c, neck = c * 256 + 27 * 256 * 256 + 4 * 256;
        const long trained = 32 * c + 16 * c + c + blocks * (4 * c + adapter) + relative / 2 + 4 * neck;
        Assert.Equal(trained + frozen, Approved.CountParameters(() => new SamAdapterEncoder(SamAdapterOptions.SamViTB)));
        Assert.Equal(trained, Approved.CountParameters(
            () => new SamAdapterEncoder(SamAdapterOptions.SamViTB), parameter => parameter.requires_grad));
    }

    private static double Difference(Tensor left, Tensor right)
    {
        using var scope = NewDisposeScope();
        return (left - right).abs().max().to(ScalarType.Float64).item<double>();
    }

    private static SamAdapterEncoder Randomized(SamAdapterOptions options)
    {
        var encoder = new SamAdapterEncoder(options);
        using var noGradient = no_grad();
        using var generator = new Generator(11);
        foreach (var parameter in encoder.parameters())
        {
            using var noise = randn(parameter.shape, generator: generator) * 0.2;
            parameter.add_(noise);
        }

        return encoder;
    }
}
