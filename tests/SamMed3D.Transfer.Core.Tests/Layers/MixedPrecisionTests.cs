namespace SamMed3D.Transfer.Tests;

public class MixedPrecisionTests
{
    private static readonly EncoderOptions Tiny = new()
    {
        ImageSize = 32, PatchSize = 8, EmbeddingWidth = 32, BlockCount = 3, HeadCount = 4, WindowSize = 3, GlobalBlocks = [1], OutputChannels = 16,
    };

    private static readonly PlainViTOptions TinyViT = new()
    {
        ImageSize = 32, PatchSize = 8, EmbeddingWidth = 32, BlockCount = 3, HeadCount = 4, MlpWidth = 64,
    };

    private static readonly Dictionary<string, Func<nn.Module>> Models = new()
    {
        ["published positions"] = () => new ImageEncoder(Tiny),
        ["decomposed positions"] = () => new ImageEncoder(Tiny with { RelativePosition = RelativePosition.Decomposed }),
        ["no positions"] = () => new ImageEncoder(Tiny with { RelativePosition = RelativePosition.None, HasAbsolutePositions = false }),
        ["lora"] = () => new ImageEncoder(Tiny with { Adapter = new LoraOptions { Rank = 2, Alpha = 2 } }),
        ["bottleneck"] = () => new ImageEncoder(Tiny with { Adapter = new BottleneckOptions { Width = 4 } }),
        ["bottleneck in series"] = () => new ImageEncoder(Tiny with { Adapter = new BottleneckOptions { Width = 4, Placement = BottleneckPlacement.Series } }),
        ["depth-aware"] = () => new ImageEncoder(Tiny with { Adapter = new DepthAwareOptions() }),
        ["plain ViT"] = () => new PlainViT(TinyViT),
        ["perceptron"] = () => new PlainViT(TinyViT with { PatchProjection = PatchProjection.Perceptron }),
        ["3DSAM-adapter"] = () => new SamAdapterEncoder(new SamAdapterOptions
        {
            ImageSize = 32, PatchSize = 8, SamPatchSize = 16, SlicesPerToken = 8, SamGrid = 8, SamWindowSize = 3, SamGlobalBlocks = [1, 3], WindowSize = 2,
            EmbeddingWidth = 24, BlockCount = 4, HeadCount = 3, OutputChannels = 16,
        }),
        ["UNETR"] = () => Unetr.Create(new UnetrOptions { Backbone = Tiny, ClassCount = 3 }),
        ["UNETR with all options"] = () => Unetr.Create(
            new UnetrOptions { Backbone = TinyViT, ClassCount = 2, FeatureSize = 12, HasAffineNorm = true, HasConvolutionalSkips = true }),
        ["residual U-Net"] = () => new ResidualUnet(new ResidualUnetOptions { ImageSize = 32, FeatureSize = 16, Strides = [1, 2, 2, 2], BlockCounts = [1, 1, 1, 1], ClassCount = 3 }),
        ["promptable"] = () => TinyPromptable.Create(),
    };

    public static TheoryData<string, ComputePrecision> EveryModel()
    {
        var cases = new TheoryData<string, ComputePrecision>();
        foreach (string name in Models.Keys)
        {
            cases.Add(name, ComputePrecision.Bfloat16);
            // LibTorch's float16 convolutions take seconds each on a CPU.
            if (!name.StartsWith("UNETR", StringComparison.Ordinal) && name != "residual U-Net")
                cases.Add(name, ComputePrecision.Float16);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(EveryModel))]
    public void Narrow_results_and_gradients_stay_near_float32_and_are_float32(string name, ComputePrecision precision)
    {
        // The cosine of the angle between all gradients and float32's was seen to be 0.991 and more in bfloat16 (0.99985 without convolutions), 0.9998 in float16;
        // outputs were off by at most 0.013 and 0.0013 of their norm.
        double alike = precision == ComputePrecision.Bfloat16 ? 0.98 : 0.999, tolerance = precision == ComputePrecision.Bfloat16 ? 0.03 : 0.004;
        using var model = Randomized(Models[name]());
        using var scope = NewDisposeScope();
        var volume = randn([1, 1, 32, 32, 32], generator: new Generator(3));
        var (expected, expectedGradient) = Run(model, volume);
        MixedPrecision.Apply(model, precision);
        var (actual, gradient) = Run(model, volume);
        MixedPrecision.Apply(model, ComputePrecision.Float32);
        var (again, _) = Run(model, volume);

        Assert.Equal(ScalarType.Float32, actual.dtype);
        Assert.False(actual.equal(expected).all().item<bool>());
        Assert.InRange(((actual - expected).norm() / expected.norm()).item<float>(), 0, tolerance);
        Assert.InRange((gradient.dot(expectedGradient) / gradient.norm() / expectedGradient.norm()).item<float>(), alike, 1.0001);
        Assert.True(again.equal(expected).all().item<bool>());
    }

    [Fact]
    public void A_narrow_step_leaves_no_tensor_behind()
    {
        using var model = Models["UNETR"]();
        MixedPrecision.Apply(model, ComputePrecision.Bfloat16);
        using var volume = randn([1, 1, 32, 32, 32]);
        void Step()
        {
            using var scope = NewDisposeScope();
            ((Unetr)model).call(volume).square().mean().backward();
            model.zero_grad();
        }

        Step();
        long before = LiveTensors.Before();
        Step();
        Assert.Equal(before, LiveTensors.Now);
    }

    [Fact]
    public void Losses_of_bfloat16_and_float32_agree_over_300_steps()
    {
        // The mean over 20 steps: the two wander apart step by step, but learn the same.
        const double bound = 0.03;
        double[] wide = Losses(ComputePrecision.Float32, 300), narrow = Losses(ComputePrecision.Bfloat16, 300);
        double apart = wide.Chunk(20).Zip(narrow.Chunk(20), (one, other) => Math.Abs(one.Average() - other.Average())).Max();
        Assert.InRange(apart, 0, bound);
        Assert.InRange(narrow[^20..].Average(), 0, 0.5 * narrow[0]);
    }

    [Fact]
    public void Gradients_that_overflow_float16_are_left_out_counted_and_scaled_less()
    {
        using var model = Small();
        using var trainer = new Trainer(model, Options(ComputePrecision.Float16, 2));
        trainer.State = trainer.State with { Scaler = new LossScalerState(Math.Pow(2, 100), 0) };
        using var before = model.parameters().First().detach().clone();
        var reports = new Reports<TrainingProgress<SegmentationScores>>();
        Assert.True(trainer.Run(new CubeBatches(), reports));
        Assert.All(reports.All, report => Assert.NotNull(report.Skipped));
        Assert.Equal(2, trainer.State.SkippedSteps);
        Assert.Equal(Math.Pow(2, 98), trainer.State.Scaler!.Scale);
        Assert.True(model.parameters().First().equal(before).all().item<bool>());
    }

    [Fact]
    public void Float16_with_a_scaled_loss_learns_as_float32_does()
    {
        double[] wide = Losses(ComputePrecision.Float32, 6), narrow = Losses(ComputePrecision.Float16, 6);
        Assert.InRange(wide.Zip(narrow, (one, other) => Math.Abs(one - other)).Max(), 0, 0.01);
        Assert.InRange(narrow[^1], 0, 0.98 * narrow[0]);
    }

    [Fact]
    public void A_float16_run_that_was_stopped_and_restored_equals_one_that_never_stopped()
    {
        using var whole = Small();
        using var parted = Small();
        var options = Options(ComputePrecision.Float16, 6);
        // The first steps overflow at this scale: what they leave behind has to be restored, too.
        var scaler = new LossScalerState(Math.Pow(2, 20), 0);
        using var trainer = new Trainer(whole, options);
        trainer.State = trainer.State with { Scaler = scaler };
        Assert.True(trainer.Run(new CubeBatches()));
        Assert.InRange(trainer.State.SkippedSteps, 1, 4);

        TrainingState state;
        Dictionary<string, Tensor> moments;
        using (var first = new Trainer(parted, options))
        using (var stop = new CancellationTokenSource())
        {
            first.State = first.State with { Scaler = scaler };
            Assert.False(first.Run(new CubeBatches(), new Reports<TrainingProgress<SegmentationScores>>(done => { if (done.Step == 3) stop.Cancel(); }), cancellation: stop.Token));
            state = first.State;
            moments = AdamWMoments.Collect(first.Optimizer, parted).ToDictionary(entry => entry.Key, entry => entry.Value.clone());
        }

        using var source = new MemoryWeights(moments);
        using var second = new Trainer(parted, options);
        second.State = state;
        AdamWMoments.Restore(second.Optimizer, parted, source);
        Assert.True(second.Run(new CubeBatches()));
        Assert.Equal(trainer.State, second.State);
        foreach (var (one, other) in whole.parameters().Zip(parted.parameters()))
            Assert.True(one.equal(other).all().item<bool>());
    }

    [Fact]
    public void The_scale_of_the_loss_grows_after_many_steps_and_falls_to_a_limit()
    {
        var state = LossScaler.Begin;
        for (int step = 0; step < LossScaler.GrowthInterval; step++)
            state = LossScaler.AfterStep(state)!;
        Assert.Equal(new LossScalerState(2 * LossScaler.Begin.Scale, 0), state);
        int halvings = 0;
        for (LossScalerState? next = state; next is not null; next = LossScaler.AfterOverflow(next))
            halvings++;
        Assert.InRange(halvings, 20, 30);
        Assert.Null(LossScaler.AfterStep(null));
    }

    [Fact]
    public void A_module_of_another_kind_is_told_that_it_cannot_compute_narrow()
    {
        using var module = nn.Linear(2, 2);
        Assert.Contains("Float32", Assert.Throws<ArgumentException>(() => MixedPrecision.Apply(module, ComputePrecision.Bfloat16)).Message, StringComparison.Ordinal);
        MixedPrecision.Apply(module, ComputePrecision.Float32);
    }

    [Fact]
    public void A_sliding_window_narrows_for_its_run_alone()
    {
        using var model = Small();
        using var volume = randn([1, 1, 8, 8, 8], generator: new Generator(3));
        using var noGradient = no_grad();
        using var before = model.call(volume);
        var options = new SlidingWindowOptions { Window = 8, Blend = WindowBlend.Constant };
        using var narrow = new SlidingWindow(model, options with { Precision = ComputePrecision.Bfloat16 }).Run(volume);
        using var wide = new SlidingWindow(model, options).Run(volume);
        Assert.Equal(ScalarType.Float32, narrow.dtype);
        Assert.False(narrow.equal(before).all().item<bool>());
        Assert.True(wide.equal(before).all().item<bool>());
    }

    private static (Tensor Output, Tensor Gradient) Run(nn.Module model, Tensor volume)
    {
        model.zero_grad();
        var output = model switch
        {
            nn.Module<Tensor, Tensor> plain => plain.call(volume),
            PromptableModel promptable => Prompted(promptable, volume),
            _ => throw new ArgumentException("There is no way to run this model.", nameof(model)),
        };
        (output * randn(output.shape, generator: new Generator(4))).mean().backward();
        var gradients = model.parameters().Where(parameter => parameter.grad is not null).Select(parameter => parameter.grad!.flatten()).ToList();
        Assert.All(gradients, gradient => Assert.Equal(ScalarType.Float32, gradient.dtype));
        return (output.detach(), cat(gradients).clone());
    }

    private static Tensor Prompted(PromptableModel model, Tensor volume)
    {
        var points = tensor(new float[] { 3, 4, 5, 20, 11, 9 }, [1, 2, 3]);
        var labels = tensor(new float[] { 1, 0 }, [1, 2]);
        var masks = randn([1, 1, 16, 16, 16], generator: new Generator(5));
        var prediction = model.call(volume, PromptBatch.Of(points, labels, masks), true);
        return model.Upsample(prediction.Masks) + prediction.PredictedIou.sum();
    }

    private static Unetr Small() => (Unetr)Randomized(Unetr.Create(new UnetrOptions
    {
        Backbone = Tiny with { ImageSize = 8, PatchSize = 4, EmbeddingWidth = 16, BlockCount = 2, GlobalBlocks = [1] }, ClassCount = 2, FeatureSize = 4,
    }));

    private static TrainingOptions Options(ComputePrecision precision, long steps) => new()
    {
        Steps = steps, WarmupSteps = 0, LearningRate = 1e-3, ValidateEvery = 0, Schedule = RateSchedule.Constant, Precision = precision,
    };

    private static double[] Losses(ComputePrecision precision, long steps)
    {
        using var model = Small();
        using var trainer = new Trainer(model, Options(precision, steps));
        var reports = new Reports<TrainingProgress<SegmentationScores>>();
        trainer.Run(new CubeBatches(), reports);
        return [.. reports.All.Select(report => report.Loss)];
    }

    /// <summary>Nothing at zero, as position tables and adapters are at first.</summary>
    private static nn.Module Randomized(nn.Module model)
    {
        using var noGradient = no_grad();
        using var generator = new Generator(5);
        foreach (var (name, parameter) in model.named_parameters())
        {
            using var scope = NewDisposeScope();
            bool isScale = parameter.ndim == 1 && name.EndsWith("weight", StringComparison.Ordinal);
            double spread = parameter.ndim > 1 ? 0.5 * Math.Pow(parameter.numel() / (double)parameter.shape[0], -0.5) : 0.1;
            parameter.copy_(randn(parameter.shape, generator: generator) * spread + (isScale ? 1 : 0));
        }

        return model;
    }
}
