using SamMed3D.Transfer.Cli;

namespace SamMed3D.Transfer.Tests;

public sealed class ApplicationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Config(string more = "") => _folder.Write("run.yaml", $"name: try\noutput: {_folder.Root}\ndata: {{root: d}}\n{more}");

    [Theory]
    [InlineData("evaluate")]
    [InlineData("inspect")]
    [InlineData("doctor")]
    [InlineData("parity")]
    [InlineData("segment")]
    [InlineData("axis-check")]
    [InlineData("convert")]
    [InlineData("synthesize")]
    [InlineData("train")]
    [InlineData("predict")]
    [InlineData("quickstart")]
    public void Every_command_has_help_with_an_example(string command)
    {
        var result = CommandLine.Run(new FakeRunner(), CancellationToken.None, command, "--help");
        Assert.Equal(ExitCode.Ok, result.ExitCode);
        Assert.Contains("Example", result.Out, StringComparison.Ordinal);
        Assert.Contains($"\n  sammed3d {command}", result.Out, StringComparison.Ordinal);
        Assert.Empty(result.Error);
    }

    [Theory]
    [InlineData("expected a command: quickstart, train,", new string[0])]
    [InlineData("no command 'trian' (did you mean 'train'?).", new[] { "trian", "run.yaml" })]
    [InlineData("no option '--devise' (did you mean '--device'?).", new[] { "train", "run.yaml", "--devise", "cpu" })]
    [InlineData("no option '--jsn' (did you mean '--json'?).", new[] { "inspect", "--jsn" })]
    [InlineData("the name of the file is empty", new[] { "inspect", "" })]
    [InlineData(".: is a folder; expected a checkpoint or a volume.", new[] { "inspect", "." })]
    [InlineData(".: is a folder; expected an experiment in YAML.", new[] { "train", "." })]
    [InlineData("--config FILE is missing beside --weights.", new[] { "predict", "-i", ".", "-o", "x", "--weights", "w" })]
    [InlineData("--weights FILE is missing beside --config.", new[] { "predict", "-i", ".", "-o", "x", "--config", "c" })]
    [InlineData("'--wrong'", new[] { "doctor", "--wrong" })]
    [InlineData("--device: expected auto, cpu, cuda or cuda:1, got 'gpu'.", new[] { "parity", ".", "--device", "gpu" })]
    [InlineData("--midline: expected a number, got 'abc'.", new[] { "clean", "a", "b", "--midline", "abc" })]
    [InlineData("--memory: expected a number, got '0,5'.", new[] { "plan", "a", "-o", "b", "--memory", "0,5" })]
    [InlineData("--folds: expected a whole number, got 'abc'.", new[] { "plan", "a", "-o", "b", "--folds", "abc" })]
    [InlineData("--seed: expected a whole number, got '1.5'.", new[] { "synthesize", "a", "--seed", "1.5" })]
    [InlineData("--mirror: expected a whole number, got 'x'.", new[] { "predict", "-i", ".", "-o", "x", "--mirror", "0", "x" })]
    [InlineData("--threads: expected a whole number above 0, got '0'.", new[] { "parity", ".", "--threads", "0" })]
    [InlineData("float16", new[] { "parity", ".", "--precision", "float16" })]
    [InlineData("'FILE'", new[] { "inspect" })]
    [InlineData("nothing.nii: no such file.", new[] { "inspect", "nothing.nii" })]
    [InlineData("nowhere: no such folder.", new[] { "parity", "nowhere" })]
    [InlineData("nowhere: no such folder.", new[] { "evaluate", "-p", "nowhere", "-l", "." })]
    [InlineData("nowhere: there is no such folder", new[] { "evaluate", "-p", ".", "-l", ".", "-d", "nowhere" })]
    [InlineData("nothing.yaml: no such file", new[] { "train", "nothing.yaml" })]
    [InlineData("give --run DIR, or --weights FILE with --config FILE", new[] { "predict", "-i", ".", "-o", "x" })]
    public void A_bad_command_line_is_one_line_and_exit_code_2(string message, string[] arguments)
    {
        var result = CommandLine.Run(new FakeRunner(), CancellationToken.None, arguments);
        Assert.Equal(ExitCode.BadInput, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.StartsWith("sammed3d: ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_comes_before_a_command_too()
    {
        var result = CommandLine.Run(new FakeRunner(), CancellationToken.None, "help", "train");
        Assert.Equal(ExitCode.Ok, result.ExitCode);
        Assert.Equal(CommandLine.Run(new FakeRunner(), CancellationToken.None, "train", "--help").Out, result.Out);
    }

    [Fact]
    public void A_stack_trace_comes_with_verbose_only()
    {
        Assert.Single(CommandLine.Run("inspect", "nothing.nii").ErrorLines);
        Assert.Contains("   at ", CommandLine.Run("inspect", "nothing.nii", "--verbose").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bad_experiment_gives_a_line_for_each_problem()
    {
        string config = Config("device: gpu\nsteps: 5\n");
        var result = CommandLine.Run(new FakeRunner(), CancellationToken.None, "train", config, "--set", "training.stepz=1");
        Assert.Equal(ExitCode.BadInput, result.ExitCode);
        Assert.Equal(3, result.ErrorLines.Length);
        Assert.StartsWith($"sammed3d: {config}:4:9: device: ", result.ErrorLines[0], StringComparison.Ordinal);
        Assert.StartsWith($"sammed3d: {config}:5:1: steps: unknown key", result.ErrorLines[1], StringComparison.Ordinal);
        Assert.StartsWith("sammed3d: --set training.stepz=1: ", result.ErrorLines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Train_hands_over_the_resolved_experiment_and_prints_the_scores()
    {
        var runner = new FakeRunner();
        var result = CommandLine.Run(runner, CancellationToken.None, "train", Config(), "--set", "training.steps=900", "--set", "seed=4", "--device", "cpu");
        Assert.Equal(ExitCode.Ok, result.ExitCode);
        Assert.Equal(900, runner.Trained!.Experiment.Training.Steps);
        Assert.Equal(4, runner.Trained.Experiment.Training.Seed);
        Assert.Equal(DeviceChoice.Parse("cpu"), ExperimentFile.Read(runner.Trained.ExperimentPath).Device);
        Assert.StartsWith(Path.Combine(_folder.Root, "try-"), runner.Trained.Path, StringComparison.Ordinal);
        Assert.Contains("0.7500", result.Out, StringComparison.Ordinal);
        Assert.Contains("training 1/2 steps (50%), loss 0.5", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Ctrl_C_ends_with_130()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var result = CommandLine.Run(new FakeRunner(), stop.Token, "train", Config());
        Assert.Equal(ExitCode.Cancelled, result.ExitCode);
        Assert.Equal("sammed3d: stopped.", result.ErrorLines[^1]);
    }

    [Fact]
    public void Predict_takes_the_best_weights_of_a_run()
    {
        var run = RunFolder.Create(ExperimentFile.Read(Config()), CPU, DateTimeOffset.UnixEpoch);
        string[] arguments = ["predict", "--run", run.Path, "--input", _folder.Root, "--output", "out", "--device", "cpu"];
        Assert.Contains("was stopped before its first validation", CommandLine.Run(new FakeRunner(), CancellationToken.None, arguments).Error, StringComparison.Ordinal);
        File.WriteAllText(run.BestPath, "");
        var runner = new FakeRunner();
        var result = CommandLine.Run(runner, CancellationToken.None, arguments);
        Assert.Equal(("2 of 2 label files written to out\n", ExitCode.Ok), (result.Out, result.ExitCode));
        Assert.Contains("was stopped before its end; its best weights so far are used", result.Error, StringComparison.Ordinal);
        Assert.Equal((run.BestPath, run.Experiment, "out"), (runner.Predicted!.Weights, runner.Predicted.Experiment, runner.Predicted.Output));
    }

    [Fact]
    public void Predict_names_the_cases_that_failed()
    {
        var run = RunFolder.Create(ExperimentFile.Read(Config()), CPU, DateTimeOffset.UnixEpoch);
        File.WriteAllText(run.BestPath, "");
        run.Finish(DateTimeOffset.UnixEpoch);
        var result = CommandLine.Run(new FakeRunner { Failures = ["c.nii.gz: truncated"] }, CancellationToken.None,
            "predict", "--run", run.Path, "--input", _folder.Root, "--output", "out", "--device", "cpu");
        Assert.Equal(ExitCode.BadInput, result.ExitCode);
        Assert.Equal("2 of 3 label files written to out\n", result.Out);
        Assert.Equal(["sammed3d: c.nii.gz: truncated"], result.ErrorLines);
    }

    [Fact]
    public void A_promptable_model_is_trained_and_its_stopped_run_goes_on()
    {
        string config = _folder.Write("clicks.yaml", $"task: promptable\nname: clicks\noutput: {_folder.Root}\ndata: {{root: d}}\n");
        var runner = new FakeRunner();
        var result = CommandLine.Run(runner, CancellationToken.None, "train", config, "--device", "cpu", "--set", "training.steps=700");
        Assert.Equal((ExitCode.Ok, false), (result.ExitCode, runner.WasResumed));
        Assert.Equal(["clicks  mean Dice  targets", "1          0.5000        1", "3          0.7500        1"], result.OutLines[..3]);
        Assert.Equal(700, runner.Trained!.Promptable.Training.Steps);

        string folder = runner.Trained.Path;
        Assert.Equal(ExitCode.Ok, CommandLine.Run(runner, CancellationToken.None, "train", "--resume", folder).ExitCode);
        Assert.True(runner.WasResumed);
        Assert.Contains("leave out --set", CommandLine.Run(runner, CancellationToken.None, "train", "--resume", folder, "--set", "seed=3").Error, StringComparison.Ordinal);
        Assert.Contains("the run of a promptable model", CommandLine.Run(
            runner, CancellationToken.None, "predict", "--run", folder, "-i", folder, "-o", "x").Error, StringComparison.Ordinal);
        runner.Trained.Finish(DateTimeOffset.UnixEpoch);
        Assert.Contains("is finished", CommandLine.Run(runner, CancellationToken.None, "train", "--resume", folder).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Predict_takes_weights_with_their_experiment()
    {
        string weights = _folder.Write("w.safetensors");
        var runner = new FakeRunner();
        var result = CommandLine.Run(runner, CancellationToken.None,
            "predict", "--weights", weights, "--config", Config(), "--set", "inference.overlap=0.25", "-i", weights, _folder.Root, "-o", "out",
            "--mirror", "0", "2");
        Assert.Equal(ExitCode.Ok, result.ExitCode);
        Assert.Equal(weights, runner.Predicted!.Weights);
        Assert.Equal(0.25, runner.Predicted.Experiment.Inference.Overlap);
        Assert.Equal([0, 2], runner.Predicted.Experiment.Inference.MirrorAxes);
        var refused = CommandLine.Run(new FakeRunner(), CancellationToken.None,
            "predict", "--weights", weights, "--config", Config(), "-i", weights, "-o", "out", "--mirror", "3");
        Assert.Equal(ExitCode.BadInput, refused.ExitCode);
        Assert.Contains("none of 0, 1 and 2", refused.Error, StringComparison.Ordinal);
        Assert.Equal([weights, _folder.Root], runner.Predicted.Inputs);
    }

    [Fact]
    public void Quickstart_passes_its_options_on_and_compares_with_a_thread_for_each_run()
    {
        var runner = new FakeRunner();
        var result = CommandLine.Run(runner, CancellationToken.None, "quickstart", "--output", _folder.Root, "--steps", "75", "--seed", "3", "--jobs", "2");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(new QuickstartOptions { Steps = 75, PretrainingSteps = 150, SliceSteps = 150, Seed = 3 }, runner.Started);
        Assert.Equal($"{Path.Combine(_folder.Root, "starts.yaml")}, 2 jobs of 1 thread", runner.Compared);
    }
}
