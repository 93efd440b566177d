using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace SamMed3D.Transfer.Tests;

/// <summary>What every training has in common, shown with the trainer of segmentation networks.</summary>
public sealed class TrainingLoopTests
{
    private static readonly TrainingOptions Short = new() { Steps = 6, WarmupSteps = 0, LearningRate = 0.02, ValidateEvery = 0, Seed = 5 };

    private static Sequential Model(double dropout = 0)
    {
        var model = dropout > 0
            ? Sequential(("first", Conv3d(1, 4, 3, padding: 1)), ("drop", Dropout(dropout)), ("out", Conv3d(4, 2, 1)))
            : Sequential(("first", Conv3d(1, 4, 3, padding: 1)), ("relu", LeakyReLU(0.1)), ("out", Conv3d(4, 2, 1)));
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        using var noGradient = no_grad();
        foreach (var parameter in model.parameters())
            parameter.copy_(randn(parameter.shape, generator: generator) * 0.3);
        return model;
    }

    private static float[] Weights(Module model) => [.. model.parameters().SelectMany(parameter => parameter.data<float>().ToArray())];

    [Fact]
    public void Gradients_averaged_over_small_batches_equal_those_of_the_large_one()
    {
        using var large = Model();
        using var small = Model();
        var options = Short with { Loss = new VoxelCrossEntropyLoss(), Steps = 3 };
        using (var trainer = new Trainer(large, options))
            trainer.Run(new CubeBatches(4));
        using (var trainer = new Trainer(small, options with { AccumulationSteps = 4 }))
            trainer.Run(new Parts(4));

        foreach (var (expected, got) in Weights(large).Zip(Weights(small)))
            Assert.Equal(expected, got, 2e-5f);
    }

    [Fact]
    public void The_average_follows_its_formula_and_is_what_is_validated()
    {
        using var model = Model();
        using var trainer = new Trainer(model, Short with { AverageDecay = 0.4, ValidateEvery = 1 });
        float[] average = Weights(model), weights = [];
        float[] validated = [];
        trainer.Run(new CubeBatches(), new Reports<TrainingProgress<SegmentationScores>>(report =>
        {
            weights = Weights(model);
            float decay = (float)Math.Min(0.4, (1.0 + report.Step) / (10 + report.Step));
            average = [.. average.Zip(weights, (old, now) => old + (1 - decay) * (now - old))];
            foreach (var (expected, got) in average.Zip(validated))
                Assert.Equal(expected, got, 1e-6f);
        }), _ =>
        {
            validated = Weights(model);
            return new SegmentationScores([], []);
        });
        Assert.Equal(weights, Weights(model));
        Assert.NotEqual(weights, validated);
    }

    [Fact]
    public void A_step_with_a_bad_batch_is_left_out_and_counted_where_that_is_asked()
    {
        using var model = Model();
        using var trainer = new Trainer(model, Short with { NonFinite = NonFiniteAction.Skip });
        var reports = new List<TrainingProgress<SegmentationScores>>();
        float[] before = [], after = [];
        var batches = new CubeBatches
        {
            Spoil = (step, batch) =>
            {
                if (step == 2)
                    batch.Images.fill_(float.NaN);
                before = step == 2 ? Weights(model) : before;
                after = step == 3 ? Weights(model) : after;
            },
        };
        Assert.True(trainer.Run(batches, new Reports<TrainingProgress<SegmentationScores>>(reports.Add)));

        Assert.Equal((6, 1L, 0), (reports.Count, trainer.State.SkippedSteps, trainer.State.SkippedInARow));
        Assert.Contains("the images are not finite", Assert.Single(reports, report => report.Skipped is not null).Skipped, StringComparison.Ordinal);
        Assert.Equal(before, after);
        Assert.DoesNotContain(Weights(model), float.IsNaN);
    }

    [Fact]
    public void A_training_of_bad_batches_alone_is_given_up()
    {
        using var model = Model();
        using var trainer = new Trainer(model, Short with { Steps = 100, NonFinite = NonFiniteAction.Skip });
        Assert.Throws<TrainingDivergedException>(() => trainer.Run(new CubeBatches { Spoil = (_, batch) => batch.Images.fill_(float.NaN) }));
        Assert.Equal(TrainerOptions.MostSkipsInARow - 1, trainer.CompletedSteps);
    }

    [Fact]
    public void What_is_not_finite_is_named()
    {
        using var model = Model();
        using var trainer = new Trainer(model, Short);
        using (no_grad())
            model.get_parameter("out.bias")!.fill_(float.PositiveInfinity);
        Assert.Contains("the weights out.bias are not finite", Assert.Throws<TrainingDivergedException>(() => trainer.Run(new CubeBatches())).Message, StringComparison.Ordinal);

        using var other = Sequential(("first", Conv3d(1, 2, 1)), ("root", new RootOfNothing()));
        using var exploding = new Trainer(other, Short);
        string message = Assert.Throws<TrainingDivergedException>(() => exploding.Run(new CubeBatches())).Message;
        Assert.Contains("the gradient of first.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Validations_without_a_new_best_end_the_training_early()
    {
        using var model = Model();
        using var trainer = new Trainer(model, Short with { Steps = 50, ValidateEvery = 2, Patience = 3 });
        double[] scores = [0.5, 0.7, 0.6, 0.7, 0.65, 0.9];
        int count = 0;
        var best = new List<long>();
        Assert.True(trainer.Run(new CubeBatches(), new Reports<TrainingProgress<SegmentationScores>>(report => { if (report.IsBest) best.Add(report.Step); }), _ => Dice(scores[count++])));

        Assert.Equal((10L, 5), (trainer.CompletedSteps, count));
        Assert.Equal([2L, 4L], best);
        Assert.True(trainer.IsStalled);
        Assert.True(trainer.Run(new CubeBatches()));
        Assert.Equal(10, trainer.CompletedSteps);
    }

    [Fact]
    public void Dropout_is_a_function_of_the_step_and_leaves_the_default_generator_as_it_was()
    {
        using var one = Model(dropout: 0.5);
        using var other = Model(dropout: 0.5);
        using var trainer = new Trainer(one, Short);
        using var parted = new Trainer(other, Short);
        using var stop = new CancellationTokenSource();
        using var before = get_rng_state();
        trainer.Run(new CubeBatches());
        using var after = get_rng_state();
        Assert.True(before.equal(after).all().item<bool>());

        Assert.False(parted.Run(new CubeBatches(), new Reports<TrainingProgress<SegmentationScores>>(report => { if (report.Step == 3) stop.Cancel(); }), cancellation: stop.Token));
        using (rand(100))
            Assert.True(parted.Run(new CubeBatches()));
        Assert.Equal(Weights(one), Weights(other));
    }

    [Fact]
    public void A_validation_that_was_broken_off_is_the_first_thing_that_the_next_run_does()
    {
        using var whole = Model();
        using var parted = Model();
        var options = Short with { ValidateEvery = 3 };
        using var trainer = new Trainer(whole, options);
        using var stopped = new Trainer(parted, options);
        List<string> expected = [], got = [];
        static string Line(TrainingProgress<SegmentationScores> report) => $"{report.Step} {report.Loss:R} {report.GradientNorm:R} {report.Validation?.MeanDice:R} {report.IsBest}";
        Assert.True(trainer.Run(new CubeBatches(), new Reports<TrainingProgress<SegmentationScores>>(report => expected.Add(Line(report))), step => Dice(step / 10.0)));

        using var stop = new CancellationTokenSource();
        Assert.False(stopped.Run(new CubeBatches(), new Reports<TrainingProgress<SegmentationScores>>(report => got.Add(Line(report))), _ =>
        {
            stop.Cancel();
            throw new OperationCanceledException(stop.Token);
        }, stop.Token));
        Assert.Equal(2, got.Count);
        Assert.Equal((3L, 0L), (stopped.State.Step, stopped.State.Validations));
        Assert.NotNull(stopped.State.Pending);

        Assert.True(stopped.Run(new CubeBatches(), new Reports<TrainingProgress<SegmentationScores>>(report => got.Add(Line(report))), step => Dice(step / 10.0)));
        Assert.Equal(expected, got);
        Assert.Equal(Weights(whole), Weights(parted));
        Assert.Equal(trainer.State, stopped.State);
    }

    [Fact]
    public void A_leak_ends_the_training_with_its_step_and_the_counts()
    {
        using var model = Model();
        using var trainer = new Trainer(model, Short with { Steps = 200, LeakCheck = true });
        var forgotten = new List<Tensor>();
        var leak = Assert.Throws<TensorLeakException>(() => trainer.Run(new CubeBatches
        {
            Spoil = (step, batch) =>
            {
                if (step >= 60)
                    forgotten.Add(batch.Labels.clone().DetachFromDisposeScope());
            },
        }));
        forgotten.ForEach(tensor => tensor.Dispose());
        Assert.InRange(leak.Step, 61, 60 + (LeakCheck.GrowingWindows + 2) * LeakCheck.Window);
        Assert.InRange(leak.Now - leak.Before, LeakCheck.Window, LeakCheck.GrowingWindows * LeakCheck.Window);
        Assert.StartsWith($"Tensors leak: {leak.Now} are alive after step {leak.Step}, {leak.Before} were 24 steps earlier", leak.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_clean_training_passes_the_leak_check_while_parameters_join_and_validations_come()
    {
        using var model = Unetr.Create(new UnetrOptions
        {
            ClassCount = 2, Backbone = new EncoderOptions { ImageSize = 8, PatchSize = 2, EmbeddingWidth = 12, BlockCount = 3, HeadCount = 2, OutputChannels = 8, WindowSize = 0, GlobalBlocks = [] },
        });
        using var trainer = new Trainer(model, Short with
        {
            Steps = 100, ValidateEvery = 7, AverageDecay = 0.9, LeakCheck = true, Freezing = new UnfreezeGradually { AfterSteps = 20, StepsPerBlock = 9 },
        });
        Assert.True(trainer.Run(new CubeBatches(), validate: _ => Dice(0.5)));
        Assert.Equal(100, trainer.CompletedSteps);
    }

    [Fact]
    public void Contradictions_are_refused()
    {
        Assert.Contains("Patience 2 needs validations", Assert.Throws<ArgumentException>(() => (Short with { Patience = 2 }).Validated()).Message, StringComparison.Ordinal);
        Assert.Contains("AverageDecay 1", Assert.Throws<ArgumentException>(() => (Short with { AverageDecay = 1 }).Validated()).Message, StringComparison.Ordinal);
    }

    private static SegmentationScores Dice(double value) =>
        new(["cube"], [new CaseScores("a", [new DiceScore((long)(value * 1000), 1000 - (long)(value * 1000), 1000 - (long)(value * 1000))], new DiceScore(1, 0, 0))]);

    /// <summary>Gives its input, but the gradient of a root at 0 is infinite.</summary>
    private sealed class RootOfNothing() : Module<Tensor, Tensor>("root")
    {
        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return (input + (input * 0).sqrt()).MoveToOuterDisposeScope();
        }
    }

    /// <summary>The samples of the large batches, one at a time.</summary>
    private sealed class Parts(int count) : IBatchSource
    {
        public TrainingBatch BatchAt(long stepIndex)
        {
            using var whole = new CubeBatches(count).BatchAt(stepIndex / count);
            int part = (int)(stepIndex % count);
            return new TrainingBatch(whole.Images[part..(part + 1)].clone(), whole.Labels[part..(part + 1)].clone(), [whole.CaseIds[part]]);
        }
    }
}
