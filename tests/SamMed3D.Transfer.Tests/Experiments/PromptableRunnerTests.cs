namespace SamMed3D.Transfer.Tests;

/// <summary>Training a promptable model on tiny data, stopped and resumed.</summary>
public sealed class PromptableRunnerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_experiment_reads_back_from_its_own_yaml()
    {
        string yaml = PromptableExperimentFile.ToYaml(Tiny());
        var experiment = PromptableExperimentFile.Parse(yaml, "run.yaml");
        Assert.Equal(Tiny().Data.Spacing, experiment.Data.Spacing);
        Assert.Equal(experiment, PromptableExperimentFile.Parse(PromptableExperimentFile.ToYaml(experiment), "run.yaml"));
    }

    [Fact]
    public void Problems_of_a_promptable_experiment_are_named_with_their_keys()
    {
        var problem = Assert.Throws<ExperimentFileException>(() => PromptableExperimentFile.Parse(
            "task: segmentation\nname: x\ndata: {root: d, minimumVoxels: 0}\nencoder: {outputChannels: 50}\ntraining: {steps: 5, validateEvery: 9}\n", "run.yaml"));
        Assert.Equal(
            [
                "run.yaml:1:7: task: is segmentation here; expected promptable.",
                "run.yaml:3:32: data.minimumVoxels: is 0; a target has a voxel at least.",
                "run.yaml:4:10: encoder: Width is 50, but positions are encoded in three equal parts: use a multiple of 3.",
                "run.yaml:5:37: training.validateEvery: is 9, but training.steps is 5: no validation before the last; give at most training.steps, or 0 for the last alone.",
            ],
            problem.Problems.Select(one => one.ToString()));
    }

    [Fact]
    public void A_stopped_run_that_goes_on_ends_like_one_that_was_never_stopped()
    {
        var whole = Create("whole");
        var scores = PromptableRunner.Train(whole);
        Assert.Equal(ClickScores.PublishedClicks, scores.Clicks);
        Assert.All(scores.Means, mean => Assert.InRange(mean, 0, 1));

        var stopped = Create("stopped");
        using var stop = new CancellationTokenSource();
        Assert.Throws<RunStoppedException>(() => PromptableRunner.Train(stopped, new Stopper(stop, 3), stop: stop.Token));
        var reopened = RunFolder.Open(stopped.Path);
        Assert.False(reopened.Manifest.IsFinished);
        PromptableRunner.Train(reopened, isResumed: true);

        Assert.True(RunFolder.Open(stopped.Path).Manifest.IsFinished);
        Assert.Equal(File.ReadAllText(whole.MetricsPath), File.ReadAllText(stopped.MetricsPath));
        using var comparison = new Pair(whole.LastPath, stopped.LastPath);
        comparison.AreEqual();
    }

    [Fact]
    public void A_run_trains_on_the_folds_and_the_budget_of_files()
    {
        var tiny = Tiny();
        string[] ids = [.. DatasetManifest.Open(tiny.Data.Root).TrainingCases.Select(one => one.Id)];
        string Names(params int[] cases) => string.Join(", ", cases.Select(one => $"\"{ids[one]}\""));
        var limited = tiny with
        {
            Data = tiny.Data with
            {
                Splits = _folder.Write("folds.json", $$"""[{"train": [{{Names(1, 2, 3, 4)}}], "val": [{{Names(0)}}]}]"""),
                Budget = new TrainingBudget { Percent = 50, File = _folder.Write("budgets.json", $$"""[{"50": [{{Names(1, 3)}}]}]""") },
            },
        };
        var run = RunFolder.Create(limited, CPU, DateTimeOffset.UnixEpoch, _folder.File("run"));

        var scores = PromptableRunner.Train(run);

        Assert.Equal([ids[0]], scores.Targets.Select(target => target.Target.Split(':')[0]).Distinct());
        using var weights = Checkpoint.Open(run.LastPath);
        Assert.Equal([ids[1], ids[3]], weights.Manifest!.Data[^1].Cases);
        Assert.Equal((limited.Data.Splits, limited.Data.Budget), (RunFolder.Open(run.Path).Promptable.Data.Splits, RunFolder.Open(run.Path).Promptable.Data.Budget));
        Assert.Contains("has 50 percent, but data.budget.percent is 25", Assert.Throws<InvalidDataException>(() => PromptableRunner.Check(
            limited with { Data = limited.Data with { Budget = limited.Data.Budget! with { Percent = 25 } } })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_without_a_state_cannot_go_on()
    {
        var run = Create("run");
        Assert.Contains("state.safetensors to go on from",
            Assert.Throws<InvalidDataException>(() => PromptableRunner.Train(run, isResumed: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_small_targets_are_refused_and_leave_no_folder()
    {
        var tiny = Tiny();
        var run = RunFolder.Create(tiny with { Data = tiny.Data with { MinimumVoxels = 100_000 } }, CPU, DateTimeOffset.UnixEpoch, _folder.File("run"));
        Assert.Contains("lower data.minimumVoxels", Assert.Throws<InvalidDataException>(() => PromptableRunner.Train(run)).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(run.Path));
    }

    [Fact]
    public void The_image_encoder_starts_from_a_2D_SAM_and_its_neck_of_another_width_where_that_is_said()
    {
        var tiny = Tiny();
        var inflated = tiny with
        {
            Encoder = tiny.Encoder with
            {
                ImageSize = 48, PatchSize = 16, BlockCount = 4, HeadCount = 3, WindowSize = 3, GlobalBlocks = [1, 3], RelativePosition = RelativePosition.Decomposed,
            },
            Start = new InflatedStart
            {
                Path = Repository.Golden("sam2d_tiny/sam2d.pth"), Load = LoadPolicy.Inflating with { KeepInitial = ["image_encoder.neck."] },
            },
        };
        PromptableRunner.Check(inflated);
        Assert.Equal(inflated, PromptableExperimentFile.Parse(PromptableExperimentFile.ToYaml(inflated), "run.yaml"), (left, right) =>
            PromptableExperimentFile.ToYaml(left!) == PromptableExperimentFile.ToYaml(right!));
        using var model = PromptableRunner.CreateModel(inflated, out var report);
        Assert.True(report!.IsComplete);
        Assert.Equal(2 + 3 * 4, report.Count(LoadOutcome.Inflated));
        Assert.All(report.Entries.Where(entry => !entry.IsFilled), entry => Assert.False(entry.IsAsked));
        using var refused = Checkpoint.Open(Repository.Golden("sam2d_tiny/sam2d.pth"));
        Assert.Throws<InvalidDataException>(() => PromptableRunner.Check(inflated with { Start = new CheckpointStart { Path = refused.Origin } }));
    }

    [Fact]
    public void A_promptable_model_is_adapted_by_LoRA_and_what_learned_goes_back_onto_its_base()
    {
        var first = Create("first");
        PromptableRunner.Train(first);
        var tiny = (Tiny() with { Start = new LoraStart { Path = first.BestPath, Lora = new LoraOptions { Rank = 2 } } }).Completed();
        PromptableRunner.Check(tiny);
        var run = RunFolder.Create(tiny, CPU, DateTimeOffset.UnixEpoch, _folder.File("lora"));
        PromptableRunner.Train(run);

        Assert.Contains("\"part\": \"prompt encoder\"", File.ReadAllText(run.ParametersPath), StringComparison.Ordinal);
        using var before = Checkpoint.Open(first.BestPath);
        using var after = Checkpoint.Open(run.BestPath);
        foreach (var info in before.Tensors.Where(info => info.Name.StartsWith("image_encoder.blocks", StringComparison.Ordinal)))
        {
            using Tensor old = before.Read(info.Name), now = after.Read(info.Name);
            Assert.True(old.equal(now).all().item<bool>(), info.Name);
        }

        using var opened = (PromptableModel)AdapterCheckpoint.Open(run.AdapterPath, first.BestPath);
        var state = opened.state_dict();
        foreach (var info in after.Tensors)
        {
            using var expected = after.Read(info.Name);
            Assert.True(expected.equal(state[info.Name]).all().item<bool>(), info.Name);
        }
    }

    [Fact]
    public void A_frozen_image_encoder_keeps_its_weights_while_the_heads_learn()
    {
        var first = Create("first");
        PromptableRunner.Train(first);
        var run = RunFolder.Create((Tiny() with { Start = new FrozenStart { Path = first.BestPath } }).Completed(), CPU, DateTimeOffset.UnixEpoch, _folder.File("frozen"));
        PromptableRunner.Train(run);
        using Checkpoint before = Checkpoint.Open(first.BestPath), after = Checkpoint.Open(run.LastPath);
        string[] changed = [.. before.Tensors.Select(info => info.Name).Where(name =>
        {
            using Tensor old = before.Read(name), now = after.Read(name);
            return !old.equal(now).all().item<bool>();
        })];
        Assert.DoesNotContain(changed, name => name.StartsWith("image_encoder.", StringComparison.Ordinal));
        Assert.Contains(changed, name => name.StartsWith("mask_decoder.", StringComparison.Ordinal));
        Assert.Contains(changed, name => name.StartsWith("prompt_encoder.", StringComparison.Ordinal));
    }

    private RunFolder Create(string name) => RunFolder.Create(Tiny(), CPU, DateTimeOffset.UnixEpoch, _folder.File(name));

    private PromptableExperiment Tiny()
    {
        string data = _folder.File("data");
        if (!Directory.Exists(data))
            SyntheticAnatomy.Write(data, new SyntheticAnatomyOptions { TrainingCases = 5, TestCases = 1, Size = new(24, 24, 16) });
        return new PromptableExperiment
        {
            Name = "tiny",
            Task = RunTask.Promptable,
            Seed = 2,
            Device = "cpu",
            Data = new TargetDataOptions { Root = data, Spacing = 14, MinimumVoxels = 5, MaximumShift = 3 },
            Encoder = new EncoderOptions
            {
                ImageSize = 16, PatchSize = 8, EmbeddingWidth = 24, BlockCount = 2, HeadCount = 2, OutputChannels = 48, WindowSize = 0, GlobalBlocks = [],
            },
            Decoder = new MaskDecoderOptions { MlpWidth = 32 },
            Training = new PromptableTrainingOptions { Steps = 5, RoundCount = 5, ValidateEvery = 2, Clicks = ClickStrategy.Random },
        }.Completed();
    }

    private sealed class Stopper(CancellationTokenSource stop, long step) : IProgress<RunProgress>
    {
        public void Report(RunProgress value)
        {
            if (value.Stage == "training" && value.Done == step)
                stop.Cancel();
        }
    }

    private sealed class Pair(string first, string second) : IDisposable
    {
        private readonly IReadOnlyDictionary<string, Tensor> _first = SafetensorsFile.ReadAll(first), _second = SafetensorsFile.ReadAll(second);

        public void AreEqual()
        {
            Assert.Equal(_first.Keys.Order(), _second.Keys.Order());
            foreach (var (name, value) in _first)
                Assert.True(value.equal(_second[name]).all().item<bool>(), name);
        }

        public void Dispose()
        {
            foreach (var tensor in _first.Values.Concat(_second.Values))
                tensor.Dispose();
        }
    }
}
