namespace SamMed3D.Transfer.Tests;

public class ResidualUnetTests
{
    private static readonly ResidualUnetOptions Tiny = new()
    {
        ImageSize = 16, FeatureSize = 16, MaximumFeatureSize = 32, Strides = [1, 2, 2], BlockCounts = [1, 2, 1], ClassCount = 3,
    };

    [Fact]
    public void The_published_network_has_its_keys_and_the_number_of_parameters_of_hand()
    {
        ResidualUnet Create() => new(new ResidualUnetOptions { ClassCount = 14 });
        Approved.Keys("ResidualUnet.published", Create);
        int[] channels = [32, 64, 128, 256, 320, 320], blocks = [1, 3, 4, 6, 6, 6];
        long stem = Convolution(1, 32), output = 32 * 14 + 14, encoder = 0, decoder = 0;
        for (int stage = 0; stage < 6; stage++)
        {
            int from = channels[Math.Max(0, stage - 1)], to = channels[stage];
            encoder += Convolution(from, to) + Convolution(to, to) + (from == to ? 0 : from * to + 2 * to) + (blocks[stage] - 1) * 2 * Convolution(to, to);
            if (stage > 0)
                decoder += 8 * from * to + Convolution(2 * from, from);
        }

        Assert.Equal(stem + encoder + decoder + output, Approved.CountParameters(Create));

        static long Convolution(long from, long to) => 27 * from * to + 2 * to;
    }

    [Fact]
    public void A_small_network_has_the_number_of_parameters_of_hand()
    {
        using var model = Tiny.Create();
        int stem = 464, first = 13_888, second = 42_176 + 55_424, third = 55_424, up = 4_096 + 8_192, joined = 13_856 + 55_360, output = 51;
        Assert.Equal(stem + first + second + third + up + joined + output, model.parameters().Sum(parameter => parameter.numel()));
    }

    public static TheoryData<ResidualUnetOptions> Shapes() =>
    [
        Tiny,
        Tiny with { InputChannels = 2, ImageSize = new(8, 24, 16), Strides = [1, new(1, 2, 2), new(2, 2, 1)] },
        Tiny with { ImageSize = new(5, 16, 12), Strides = [1, new(1, 2, 2), new(1, 2, 1)] },
        Tiny with { ImageSize = 7, Strides = null, BlockCounts = null },
    ];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Logits_have_the_volume_s_size_and_every_parameter_gets_a_gradient(ResidualUnetOptions options)
    {
        using var model = Randomized(options.Create());
        using var scope = NewDisposeScope();
        var logits = model.call(Noise(options));
        Assert.Equal([2, 3, .. options.ImageSize.ToArray()], logits.shape);
        (logits * randn_like(logits)).sum().backward();
        Assert.All(model.named_parameters(), entry => Assert.True(
            entry.parameter.grad is { } gradient && gradient.abs().max().item<float>() > 0, entry.name));
    }

    [Fact]
    public void A_new_residual_block_is_its_shortcut()
    {
        using var model = Tiny.Create();
        using var scope = NewDisposeScope();
        var block = model.modules().OfType<ConvBlock>().First();
        var features = rand([1, 16, 4, 4, 4], generator: new Generator(1));
        Assert.Equal(0, (block.call(features) - features).abs().max().item<float>());
        using var halving = new ConvBlock(16, 16, isAffine: true, stride: 2);
        halving.LastScale!.requires_grad_(false).zero_();
        Assert.InRange((halving.call(features).mean() - features.mean()).abs().item<float>(), 0, 1e-6);
    }

    [Theory]
    [InlineData(16, 32, 16, 16, 24)]
    [InlineData(32, 96, 8, 16, 16)]
    [InlineData(48, 80, 8, 8, 16)]
    public void Outputs_and_gradients_equal_float64(int features, int maximum, int x, int y, int z)
    {
        var options = new ResidualUnetOptions
        {
            ImageSize = new(x, y, z), FeatureSize = features, MaximumFeatureSize = maximum, Strides = [1, new(1, 2, 2), 2], BlockCounts = [1, 2, 1], ClassCount = 3,
        };
        using var model = Randomized(options.Create());
        using var scope = NewDisposeScope();
        var volume = Noise(options);
        var (output, gradients) = Run(model, volume);
        model.to(ScalarType.Float64);
        var (expected, expectedGradients) = Run(model, volume.to(ScalarType.Float64));
        // Rounding of float32 through 11 convolutions gives 2e-6, each value that rounds to the other side of a ReLU's kink up to 2e-2 (40 draws of weights); wrong convolutions are off by 0.1 and more.
        Assert.InRange(Apart(output, expected), 0, 1e-4);
        foreach (var (name, gradient) in gradients)
            Assert.True(Apart(gradient, expectedGradients[name]) < 4e-2, $"{name}: {Apart(gradient, expectedGradients[name])}");
    }

    [Fact]
    public void A_training_step_leaves_nothing_behind()
    {
        using var model = Tiny.Create();
        using var volume = Noise(Tiny);
        long before = LiveTensors.Before();
        for (int step = 0; step < 2; step++)
        {
            using var scope = NewDisposeScope();
            model.call(volume).sum().backward();
            model.zero_grad();
        }

        Assert.Equal(before, LiveTensors.Now);
        using (no_grad())
        using (model.call(volume))
            Assert.Equal(before + 1, LiveTensors.Now);
        Assert.False(volume.IsInvalid);
    }

    [Fact]
    public void Weights_copied_into_another_model_give_the_same_logits_and_repeat()
    {
        using var first = Randomized(Tiny.Create());
        using var second = Tiny.Create();
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        foreach (var (name, target) in second.state_dict())
            target.copy_(first.state_dict()[name]);
        var volume = Noise(Tiny);
        var logits = first.call(volume);
        Assert.True(logits.equal(second.call(volume)).all().item<bool>());
        Assert.True(logits.equal(first.call(volume)).all().item<bool>());
    }

    [Fact]
    public void A_size_that_was_not_built_for_is_segmented_when_it_can_be_halved_as_often_and_refused_when_not()
    {
        using var model = Tiny.Create();
        using var volume = zeros([1, 1, 8, 12, 4]);
        using var logits = model.call(volume);
        Assert.Equal([1, 3, 8, 12, 4], logits.shape);
        using var odd = zeros([1, 1, 8, 10, 4]);
        Assert.Contains("such as 8x8x4 or 8x12x4", Assert.Throws<ArgumentException>(() => model.call(odd)).Message, StringComparison.Ordinal);
        using var channels = zeros([1, 2, 8, 8, 8]);
        Assert.Contains("[N, 1, X, Y, Z]", Assert.Throws<ArgumentException>(() => model.call(channels)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bright_cube_is_learned_in_60_steps()
    {
        using var model = (Tiny with { ImageSize = 8, Strides = [1, 2], BlockCounts = [1, 1], ClassCount = 2 }).Create();
        using var trainer = new Trainer(model, new TrainingOptions { Steps = 60, WarmupSteps = 5, LearningRate = 0.003, ValidateEvery = 0 });
        var reports = new Reports<TrainingProgress<SegmentationScores>>();
        Assert.True(trainer.Run(new CubeBatches(), reports));
        double first = reports.All.Take(3).Average(report => report.Loss), last = reports.All.TakeLast(3).Average(report => report.Loss);
        Assert.True(last < 0.3 * first, $"The loss went from {first} to {last} only.");
        Assert.Equal(["network"], trainer.Groups.Table.Rows.Select(row => row.Part));
    }

    private static (Tensor Output, Dictionary<string, Tensor> Gradients) Run(ResidualUnet model, Tensor volume)
    {
        model.zero_grad();
        var output = model.call(volume);
        (output * randn(output.shape, generator: new Generator(4)).to(output.dtype)).mean().backward();
        return (output.detach(), model.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter.grad!.clone()));
    }

    /// <summary>The norm of the difference as a share of the norm.</summary>
    private static double Apart(Tensor actual, Tensor expected) => ((actual.to(ScalarType.Float64) - expected).norm() / expected.norm()).item<double>();

    private static Tensor Noise(ResidualUnetOptions options) =>
        randn([2, options.InputChannels, .. options.ImageSize.ToArray()], generator: new Generator(7));

    /// <summary>The same weights in every run, nothing at zero, as the last scale of each block is at first.</summary>
    private static ResidualUnet Randomized(ResidualUnet model)
    {
        using var noGradient = no_grad();
        using var generator = new Generator(5);
        foreach (var parameter in model.parameters())
        {
            using var scope = NewDisposeScope();
            parameter.copy_(parameter.ndim == 1
                ? rand(parameter.shape, generator: generator) + 0.5
                : randn(parameter.shape, generator: generator) * Math.Sqrt(2d * parameter.shape[0] / parameter.numel()));
        }

        return model;
    }
}
