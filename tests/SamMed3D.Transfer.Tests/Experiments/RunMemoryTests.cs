namespace SamMed3D.Transfer.Tests;

public sealed class RunMemoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Peaks of "sammed3d train" (/usr/bin/time -v, MiB) on one CPU thread with seven classes; parameters as parameters.json had them.</summary>
    [Theory]
    [InlineData(32, 4, 96, 4, 4, 16, false, 2, "", 544)]
    [InlineData(32, 4, 96, 4, 4, 16, false, 2, "checkpointing", 460)]
    [InlineData(48, 4, 192, 8, 6, 16, true, 1, "", 2913)]
    [InlineData(48, 4, 192, 8, 6, 16, true, 1, "checkpointing", 1308)]
    [InlineData(64, 16, 768, 12, 12, 16, true, 2, "", 3029)]
    [InlineData(64, 16, 768, 12, 12, 16, true, 1, "", 2943)]
    [InlineData(64, 16, 768, 12, 12, 16, true, 2, "bfloat16", 3178)]
    [InlineData(96, 16, 384, 8, 6, 16, true, 2, "", 5094)]
    [InlineData(96, 16, 384, 8, 6, 16, true, 1, "", 2746)]
    [InlineData(96, 16, 384, 8, 6, 32, true, 1, "", 4676)]
    [InlineData(96, 16, 384, 8, 6, 16, false, 1, "", 2449)]
    public void The_estimate_is_near_what_was_measured(
        int size, int patch, int width, int blocks, int heads, int features, bool skips, int batch, string saving, double measured)
    {
        var model = new UnetrOptions
        {
            Backbone = new EncoderOptions
            {
                ImageSize = size, PatchSize = patch, EmbeddingWidth = width, BlockCount = blocks, HeadCount = heads, OutputChannels = width == 768 ? 384 : width, WindowSize = 0, GlobalBlocks = [],
            },
            ClassCount = 7, FeatureSize = features, HasConvolutionalSkips = skips,
        };
        long parameters, learning;
        using (var unetr = Unetr.Create(model))
        {
            var groups = new ParameterGroups(unetr, new TrainingOptions());
            parameters = groups.All.Sum(one => one.Parameter.numel());
            learning = groups.Trained.Sum(one => one.numel());
        }

        bool isNarrow = saving == "bfloat16";
        var need = new MemoryNeed
        {
            Parameters = parameters * (isNarrow ? 6 : 4), Gradients = learning * 4, Optimizer = learning * 8,
            Activations = (long)ActivationEstimate.OfTraining(model, new StepSettings(batch, saving == "checkpointing", isNarrow)),
        };
        Assert.InRange(need.Total / measured / (1 << 20), 0.85, 1.3);
    }

    [Fact]
    public void Promptable_models_keep_every_round_until_the_end()
    {
        // Measured as above: 12^3 tokens of width 192, 7 rounds.
        var model = PromptableModelOptions.For(new EncoderOptions
        {
            ImageSize = 96, PatchSize = 8, EmbeddingWidth = 192, BlockCount = 4, HeadCount = 4, OutputChannels = 192, WindowSize = 0, GlobalBlocks = [],
        });
        double Total(int batch, bool isCheckpointed) => new MemoryNeed
        {
            Parameters = 12 << 20, Gradients = 12 << 20, Optimizer = 24 << 20,
            Activations = (long)ActivationEstimate.OfTraining(model, 7, new StepSettings(batch, isCheckpointed)),
        }.Total / (double)(1 << 20);
        Assert.InRange(Total(1, false) / 1817, 0.8, 1.3);
        Assert.InRange(Total(2, false) / 2925, 0.8, 1.3);
        Assert.InRange(Total(1, true) / 1262, 0.8, 1.3);
    }

    [Fact]
    public void A_run_that_does_not_fit_stops_before_anything_is_made_and_says_what_would()
    {
        var tiny = Tiny();
        var experiment = ExperimentRunner.Prepare(tiny with { Training = tiny.Training with { BatchSize = 1 << 20 } });
        var run = RunFolder.Create(experiment, CPU, DateTimeOffset.UnixEpoch, _folder.File("run"));
        string message = Assert.Throws<InsufficientMemoryException>(() => ExperimentRunner.Train(run)).Message;
        Assert.Matches(@"^This run needs about [0-9.]+ GB of memory, and [0-9.]+ GB are available on this machine; it would fit with training\.batchSize=\d+ ", message);
        Assert.EndsWith("or give --ignore-memory to train all the same.", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        Assert.False(Directory.Exists(run.Path));

        // With the word, it goes on to the data, and there this one is stopped.
        var forced = RunFolder.Create(experiment, CPU, DateTimeOffset.UnixEpoch, _folder.File("forced"));
        forced.IgnoresMemory = true;
        Assert.Throws<OperationCanceledException>(() => ExperimentRunner.Train(forced, stop: new CancellationToken(true)));
    }

    [Fact]
    public void What_is_said_to_fit_does_fit()
    {
        var tiny = Tiny();
        var experiment = (tiny with
        {
            Training = tiny.Training with { BatchSize = 8 }, Model = (UnetrOptions)tiny.Model with { Backbone = ((UnetrOptions)tiny.Model).Backbone with { ImageSize = 24 } },
        }).Completed();
        var now = MemorySettings.Of(experiment);
        Assert.Equal("training.batchSize=4 and training.accumulationSteps=2", (now with { BatchSize = 4 }).Changes(now, experiment));
        Assert.Equal("training.checkpointing=true and training.precision=bfloat16", (now with { IsCheckpointed = true, IsNarrow = true }).Changes(now, experiment));
        var smaller = now.Smaller(experiment).ToList();
        Assert.All(smaller, settings => Assert.Null(experiment.Model.WhyRefused(settings.ImageSize)));
        Assert.Equal($"model.backbone.imageSize={24 - ((UnetrOptions)experiment.Model).Backbone.PatchSize}", smaller[0].Changes(now, experiment));

        // A U-Net halves as often as its strides say, and has no blocks to checkpoint.
        var network = experiment with { Model = new ResidualUnetOptions { ClassCount = 7, ImageSize = new Size3(64, 64, 32), FeatureSize = 16 }.Resolved(1) };
        Assert.False(MemorySettings.CanCheckpoint(network));
        var sizes = MemorySettings.Of(network).Smaller(network).Select(settings => settings.ImageSize).ToList();
        Assert.NotEmpty(sizes);
        Assert.All(sizes, size => Assert.Null(network.Model.WhyRefused(size)));
    }

    [Fact]
    public void The_estimate_is_told_first_and_kept_in_the_manifest()
    {
        var run = RunFolder.Create(ExperimentRunner.Prepare(Tiny()), CPU, DateTimeOffset.UnixEpoch, _folder.File("run"));
        var heard = new List<RunProgress>();
        ExperimentRunner.Train(run, new Listener(heard.Add));
        Assert.StartsWith("memory: about 0.", heard[0].Detail, StringComparison.Ordinal);
        var manifest = RunFolder.Open(run.Path).Manifest;
        Assert.True(manifest.Memory!.Cases > 0 && manifest.Memory.Activations > 0);
        Assert.True(manifest.AvailableMemory > manifest.Memory.Total);
    }

    [Fact]
    public void The_least_of_machine_and_control_groups_counts()
    {
        Assert.Null(AvailableMemory.OfMachine(_folder.Root));
        _folder.Write("proc/meminfo", "MemTotal: 100 kB\nMemAvailable:       80 kB\n");
        Assert.Equal(80 * 1024, AvailableMemory.OfMachine(_folder.Root));
        _folder.Write("proc/self/cgroup", "0::/outer/inner\n");
        _folder.Write("sys/fs/cgroup/outer/inner/memory.max", "max\n");
        _folder.Write("sys/fs/cgroup/outer/memory.max", "40000\n");
        _folder.Write("sys/fs/cgroup/outer/memory.current", "30000\n");
        _folder.Write("sys/fs/cgroup/outer/memory.stat", "anon 10\ninactive_file 5000\n");
        Assert.Equal(15000, AvailableMemory.OfMachine(_folder.Root));
        _folder.Write("proc/self/cgroup", "4:memory:/outer\n3:cpuset:/\n");
        _folder.Write("sys/fs/cgroup/memory/outer/memory.limit_in_bytes", "20000\n");
        _folder.Write("sys/fs/cgroup/memory/outer/memory.usage_in_bytes", "19000\n");
        Assert.Equal(1000, AvailableMemory.OfMachine(_folder.Root));
    }

    private Experiment Tiny() => TinyExperiment.In(_folder.Root, steps: 2);

    private sealed class Listener(Action<RunProgress> heard) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => heard(value);
    }
}
