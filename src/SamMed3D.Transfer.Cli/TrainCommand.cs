using System.CommandLine;

namespace SamMed3D.Transfer.Cli;

/// <summary><c>sammed3d train CONFIG</c>: one experiment file to one run folder.</summary>
internal sealed class TrainCommand
{
    private readonly Argument<string> _config = new("CONFIG") { Description = "The experiment: a YAML file such as those in configs/." };
    private readonly Option<string[]> _set = CommonOptions.Set();
    private readonly Option<string?> _device = CommonOptions.DeviceOverride();
    private readonly Option<string?> _output = new("--output", "-o")
    {
        Description = "Run folder. Default: <output of the experiment>/<name>-<date>-<time>. A finished run is never overwritten.",
        HelpName = "DIR",
    };

    private readonly Option<int?> _threads = CommonOptions.Threads();

    private TrainCommand()
    {
    }

    public static Command Create(Terminal terminal, IExperimentRunner runner, CancellationToken stop)
    {
        var train = new TrainCommand();
        var command = new ExampleCommand("train", "Train a model as an experiment file says.", """
            Relative paths in the file are relative to the current directory. The run folder keeps the experiment with every default
            written out (experiment.yaml), learning curve, load report, and the best and last weights. Ctrl-C stops at the next step.

            Examples:
              sammed3d train configs/hippocampus-unetr-scratch.yaml
              sammed3d train configs/hippocampus-unetr-scratch.yaml --set data.root=/data/Dataset042 --set training.steps=2000
              sammed3d train experiment.yaml --device cuda:1 --output runs/second-card
            """)
        {
            train._config, train._set, train._device, train._output, train._threads,
        };
        command.SetAction(parsed => train.Run(parsed, terminal, runner, stop));
        return command;
    }

    private int Run(ParseResult parsed, Terminal terminal, IExperimentRunner runner, CancellationToken stop)
    {
        var experiment = ExperimentFile.Read(parsed.GetRequiredValue(_config), parsed.GetValue(_set) ?? []);
        if (parsed.GetValue(_device) is { } choice)
            experiment = experiment with { Device = DeviceChoice.Parse(choice) };
        CommonOptions.UseThreads(parsed.GetValue(_threads));
        var device = CommonOptions.Resolve(experiment.Device);
        experiment = runner.Prepare(experiment);
        var run = CreateFolder(experiment, device, parsed.GetValue(_output));
        terminal.Error.WriteLine($"run folder: {run.Path}");
        var scores = ConsoleProgress.Run(terminal, progress => runner.Train(run, progress, stop));
        ScoreTables.WriteClasses(terminal, scores, null);
        terminal.Line();
        terminal.Line($"weights: {run.BestPath}");
        return ExitCode.Ok;
    }

    private static RunFolder CreateFolder(Experiment experiment, TorchSharp.torch.Device device, string? path)
    {
        try
        {
            return RunFolder.Create(experiment, device, TimeProvider.System.GetLocalNow(), path);
        }
        catch (InvalidOperationException occupied)
        {
            throw new UsageException(occupied.Message);
        }
    }
}
