using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace SamMed3D.Transfer.Tests;

public sealed class TrainerTests
{
    private static readonly TrainingOptions Short = new() { Steps = 40, WarmupSteps = 2, LearningRate = 0.05, ValidateEvery = 0 };

    private static readonly SegmentationScores NoScores = new([], []);

    /// <summary>A two-layer network whose weights do not depend on the default generator.</summary>
    private static Sequential TinyModel(int classes = 2)
    {
        var model = Sequential(
            ("conv", Conv3d(1, 4, 3, padding: 1)), ("norm", GroupNorm(2, 4)), ("relu", LeakyReLU(0.01)), ("out", Conv3d(4, classes, 1)));
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        using var noGradient = no_grad();
        foreach (var (name, parameter) in model.named_parameters())
            if (parameter.ndim > 1)
                parameter.copy_(randn(parameter.shape, generator: generator) * 0.3);
            else
                parameter.fill_(name == "norm.weight" ? 1 : 0); // TorchSharp 0.107's GroupNorm leaves both uninitialized.
        return model;
    }

    private static float[] Weights(Module model) => [.. model.parameters().SelectMany(parameter => parameter.data<float>().ToArray())];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_bright_cube_is_learned_in_tens_of_steps(int channels)
    {
        using var model = TinyModel(channels);
        using var trainer = new Trainer(model, Short);
        var reports = new Reports<TrainingProgress<SegmentationScores>>();

        Assert.True(trainer.Run(new CubeBatches(), reports));

        Assert.Equal(40, reports.All.Count);
        double first = reports.All.Take(3).Average(report => report.Loss), last = reports.All.TakeLast(3).Average(report => report.Loss);
        Assert.True(last < 0.4 * first, $"The loss went from {first} to {last} only.");
    }

    [Fact]
    public void Two_runs_give_the_same_weights_and_a_run_in_two_parts_does_too()
    {
        using var one = TinyModel();
        using var other = TinyModel();
        using var trainer = new Trainer(one, Short with { Steps = 6 });
        using var parted = new Trainer(other, Short with { Steps = 6 });
        using var stop = new CancellationTokenSource();
        var stopAfterThree = new Reports<TrainingProgress<SegmentationScores>>(report => { if (report.Step == 3) stop.Cancel(); });
        var batches = new CubeBatches();

        Assert.True(trainer.Run(new CubeBatches()));
        Assert.False(parted.Run(batches, stopAfterThree, cancellation: stop.Token));
        Assert.Equal(3, parted.CompletedSteps);
        Assert.True(parted.Run(batches));

        Assert.Equal([0, 1, 2, 3, 4, 5], batches.Asked);
        Assert.Equal(Weights(one), Weights(other));
    }

    [Fact]
    public void Each_step_leaves_as_many_tensors_as_the_one_before()
    {
        using var model = TinyModel();
        using var trainer = new Trainer(model, Short with { Steps = 200 });
        var live = new List<long>();
        LiveTensors.Before();

        trainer.Run(new CubeBatches(1), new Reports<TrainingProgress<SegmentationScores>>(_ => live.Add(LiveTensors.Now)));

        Assert.Equal(200, live.Count);
        Assert.Equal(live[0], live[1]);
        Assert.Equal(live[19], live[199]);
    }

    [Fact]
    public void Disposing_the_trainer_leaves_the_model_and_nothing_else()
    {
        using var model = TinyModel();
        long before = LiveTensors.Before();
        using (var trainer = new Trainer(model, Short with { Steps = 3 }))
            trainer.Run(new CubeBatches());

        Assert.Equal(before, LiveTensors.Now);
        Assert.NotEmpty(Weights(model));
    }

    [Fact]
    public void A_trainer_made_inside_a_dispose_scope_outlives_it()
    {
        using var model = TinyModel();
        Trainer trainer;
        using (NewDisposeScope())
            trainer = new Trainer(model, Short with { Steps = 3 });

        using (trainer)
            Assert.True(trainer.Run(new CubeBatches()));
    }

    [Fact]
    public void Reports_have_the_rate_of_the_schedule_and_the_norm_before_clipping()
    {
        using var model = TinyModel();
        var options = Short with { Steps = 5, ClipNorm = 1e-6 };
        using var trainer = new Trainer(model, options);
        var reports = new Reports<TrainingProgress<SegmentationScores>>();

        trainer.Run(new CubeBatches(), reports);

        Assert.Equal(Enumerable.Range(0, 5).Select(step => LearningRateSchedule.At(options, step)), reports.All.Select(report => report.LearningRate));
        Assert.All(reports.All, report => Assert.True(report.GradientNorm > 1e-3));
        Assert.All(trainer.Optimizer.ParamGroups, group => Assert.Equal(LearningRateSchedule.At(options, 4), group.LearningRate));
    }

    [Fact]
    public void Gradients_are_clipped_to_the_norm()
    {
        using var model = TinyModel();
        using var trainer = new Trainer(model, Short with { Steps = 1, WarmupSteps = 0, ClipNorm = 0.01 });

        trainer.Run(new CubeBatches());

        using var scope = NewDisposeScope();
        double norm = Math.Sqrt(model.parameters().Sum(parameter => parameter.grad!.square().sum().item<float>()));
        Assert.Equal(0.01, norm, 1e-4);
    }

    [Fact]
    public void A_step_has_the_gradient_of_its_own_batch_alone()
    {
        using var model = TinyModel();
        using var trainer = new Trainer(model, Short with { Steps = 3, LearningRate = 1e-12, WeightDecay = 0 });
        var reports = new Reports<TrainingProgress<SegmentationScores>>();

        trainer.Run(new SameBatch(), reports);

        Assert.All(reports.All, report => Assert.Equal(reports.All[0].GradientNorm, report.GradientNorm, 1e-4));
    }

    [Fact]
    public void Validation_comes_at_its_steps_and_after_the_last_in_evaluation_mode()
    {
        using var model = TinyModel();
        using var trainer = new Trainer(model, Short with { Steps = 7, ValidateEvery = 3 });
        var reports = new Reports<TrainingProgress<SegmentationScores>>();
        var steps = new List<long>();

        trainer.Run(new CubeBatches(), reports, step =>
        {
            Assert.False(model.training);
            Assert.False(is_grad_enabled());
            steps.Add(step);
            return NoScores;
        });

        Assert.Equal([3, 6, 7], steps);
        Assert.Equal([3, 6, 7], reports.All.Where(report => report.Validation is not null).Select(report => report.Step));
        Assert.True(model.training);
        Assert.True(is_grad_enabled());
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_loss_that_is_no_number_stops_before_the_step_and_names_step_and_cases(float bad)
    {
        using var model = TinyModel();
        using var trainer = new Trainer(model, Short);
        var reports = new Reports<TrainingProgress<SegmentationScores>>();
        float[]? before = null;
        var batches = new CubeBatches
        {
            Spoil = (step, batch) =>
            {
                if (step == 2)
                {
                    batch.Images.fill_(bad);
                    before = Weights(model);
                }
            },
        };

        var problem = Assert.Throws<TrainingDivergedException>(() => trainer.Run(batches, reports));

        Assert.True(problem.Step == 3, problem.Message);
        Assert.Contains("The loss became NaN at step 3 (cases case2_0, case2_1)", problem.Message, StringComparison.Ordinal);
        Assert.Equal(2, reports.All.Count);
        Assert.Equal(before, Weights(model));
    }

    [Fact]
    public void A_label_outside_the_classes_is_named_with_its_cases()
    {
        using var model = TinyModel();
        using var trainer = new Trainer(model, Short);
        var batches = new CubeBatches { Spoil = (_, batch) => batch.Labels.fill_(2) };

        var problem = Assert.Throws<ArgumentException>(() => trainer.Run(batches));

        Assert.Contains("case0_0, case0_1 are 2 to 2; the model has 2 classes, 0 to 1", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Frozen_parameters_stay_and_a_wholly_frozen_model_is_refused()
    {
        using var model = TinyModel();
        var weight = model.get_parameter("conv.weight")!;
        weight.requires_grad = false;
        float[] before = weight.data<float>().ToArray();
        using (var trainer = new Trainer(model, Short with { Steps = 3 }))
            trainer.Run(new CubeBatches());

        Assert.Equal(before, weight.data<float>().ToArray());
        foreach (var parameter in model.parameters())
            parameter.requires_grad = false;
        Assert.Throws<ArgumentException>(() => new Trainer(model, Short));
    }

    private sealed class SameBatch : IBatchSource
    {
        public TrainingBatch BatchAt(long stepIndex) => new CubeBatches().BatchAt(0);
    }
}
