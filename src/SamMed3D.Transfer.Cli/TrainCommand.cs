using System.CommandLine;

namespace SamMed3D.Transfer.Cli;

/// <summary><c>sammed3d train CONFIG</c>: one experiment file to one run folder.</summary>
internal sealed class TrainCommand
{
    private readonly Argument<string?> _config = new("CONFIG")
    {
        Description = "The experiment: a YAML file such as those in configs/.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _resume = new("--resume")
    {
        Description = "Go on with a stopped run from its last saved state; it ends as if it had never been stopped.",
        HelpName = "RUN",
    };

    private readonly Option<string[]> _set = CommonOptions.Set();
    private readonly Option<string?> _device = CommonOptions.DeviceOverride();
    private readonly Option<string?> _output = new("--output", "-o")
    {
        Description = "Run folder. Default: <output of the experiment>/<name>-<date>-<time>. A finished run is never overwritten.",
        HelpName = "DIR",
    };

    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<bool> _ignoreMemory = CommonOptions.IgnoreMemory();

    private TrainCommand()
    {
    }

    public static Command Create(Terminal terminal, IExperimentRunner runner, CancellationToken stop)
    {
        var train = new TrainCommand();
        var command = new ExampleCommand("train", "Train a model as an experiment file says.", """
            Relative paths in the file are relative to the current directory. The run folder keeps the experiment with every default
            written out (experiment.yaml), learning curve, load report, what learns, the best and last weights, and the state to go on
            from. Ctrl-C and SIGTERM finish the step, save the state and end with exit code 130.

            Examples:
              sammed3d train configs/hippocampus-unetr-scratch.yaml
              sammed3d train configs/hippocampus-unetr-scratch.yaml --set data.root=/data/Dataset042 --set training.steps=2000
              sammed3d train experiment.yaml --device cuda:1 --output runs/second-card
              sammed3d train configs/synthetic-promptable.yaml --output runs/clicks
              sammed3d train --resume runs/clicks
            """)
        {
            train._config, train._resume, train._set, train._device, train._output, train._threads, train._ignoreMemory,
        };
        command.SetAction(parsed => train.Run(parsed, terminal, runner, stop));
        return command;
    }

    private int Run(ParseResult parsed, Terminal terminal, IExperimentRunner runner, CancellationToken stop)
    {
        CommonOptions.UseThreads(parsed.GetValue(_threads));
        string[] changes = parsed.GetValue(_set) ?? [];
        if (parsed.GetValue(_resume) is { } stopped)
            return Resume(parsed, stopped, terminal, runner, stop);
        string config = parsed.GetValue(_config) ?? throw new UsageException("train: give the experiment's CONFIG, or --resume RUN.");
        var experiment = ExperimentFile.ReadAny(config, changes);
        experiment = experiment with { Device = parsed.GetValue(_device) is { } choice ? DeviceChoice.Parse(choice) : experiment.Device };
        CommonOptions.Resolve(experiment.Device);
        experiment = runner.Prepare(experiment, stop);
        return Train(CreateFolder(experiment, parsed), isResumed: false, parsed, terminal, runner, stop);
    }

    private int Resume(ParseResult parsed, string folder, Terminal terminal, IExperimentRunner runner, CancellationToken stop)
    {
        foreach (var (given, name) in new[]
        {
            (parsed.GetValue(_config) is not null, "CONFIG"), (parsed.GetValue(_set) is { Length: > 0 }, "--set"), (parsed.GetValue(_output) is not null, "--output"),
            (parsed.GetValue(_device) is not null, "--device"),
        })
            if (given)
                throw new UsageException($"train: --resume goes on with the experiment of the run; leave out {name}.");
        var run = RunFolder.Open(folder);
        if (run.Manifest.IsFinished)
            throw new UsageException($"{folder}: is finished; there is nothing to go on with.");
        if (!run.IsUnchanged)
            throw new UsageException($"{run.ExperimentPath}: was changed since the run began, which would not be the same run any more; put it back, or train anew.");
        CommonOptions.Resolve(run.Options.Device);
        return Train(run, isResumed: true, parsed, terminal, runner, stop);
    }

    private int Train(RunFolder run, bool isResumed, ParseResult parsed, Terminal terminal, IExperimentRunner runner, CancellationToken stop)
    {
        run.IgnoresMemory = parsed.GetValue(_ignoreMemory);
        terminal.Error.WriteLine($"run folder: {run.Path}");
        if (run.Options is PromptableExperiment)
            ScoreTables.WriteClicks(terminal, ConsoleProgress.Run(terminal, progress => runner.TrainPromptable(run, isResumed, progress, stop)));
        else
            ScoreTables.WriteClasses(terminal, ConsoleProgress.Run(terminal, progress => runner.Train(run, isResumed, progress, stop)), null);
        terminal.Line();
        terminal.Line($"weights: {run.BestPath}");
        return ExitCode.Ok;
    }

    private RunFolder CreateFolder(RunOptions experiment, ParseResult parsed)
    {
        try
        {
            return RunFolder.Create(experiment, CommonOptions.Resolve(experiment.Device), TimeProvider.System.GetLocalNow(), parsed.GetValue(_output));
        }
        catch (InvalidOperationException occupied)
        {
            throw new UsageException(occupied.Message);
        }
    }
}
