using System.CommandLine;

namespace SamMed3D.Transfer.Cli;

/// <summary><c>sammed3d quickstart</c>: from nothing to a Dice table.</summary>
internal sealed class QuickstartCommand
{
    private readonly Option<string?> _output = new("--output", "-o") { Description = "Folder for data set and run. Default: a fresh one under runs.", HelpName = "DIR" };
    private readonly Option<int?> _steps = new("--steps") { Description = "Training steps. Default: as many as take under 5 minutes on 2 cores.", HelpName = "N" };
    private readonly Option<long> _seed = new("--seed") { Description = "Seed of everything random.", HelpName = "N", DefaultValueFactory = _ => 0 };
    private readonly Option<int?> _threads = CommonOptions.Threads();

    private QuickstartCommand()
    {
        CommonOptions.RequirePositive(_steps);
    }

    public static Command Create(Terminal terminal, IExperimentRunner runner, CancellationToken stop)
    {
        var quickstart = new QuickstartCommand();
        var command = new ExampleCommand("quickstart", "Make a synthetic data set, train a small UNETR on it, predict, and score.", """
            Writes CT-like volumes of several organs as .nii.gz files in the nnU-Net layout, so everything after it works on them as
            on your own data. Takes under 5 minutes on 2 cores and downloads nothing.

            Examples:
              sammed3d quickstart
              sammed3d quickstart --output try --steps 50 --seed 1
            """)
        {
            quickstart._output, quickstart._steps, quickstart._seed, quickstart._threads,
        };
        command.SetAction(parsed => quickstart.Run(parsed, terminal, runner, stop));
        return command;
    }

    private int Run(ParseResult parsed, Terminal terminal, IExperimentRunner runner, CancellationToken stop)
    {
        CommonOptions.UseThreads(parsed.GetValue(_threads));
        var request = new QuickstartRequest(parsed.GetValue(_output), parsed.GetValue(_steps), parsed.GetValue(_seed));
        var (run, scores) = ConsoleProgress.Run(terminal, progress => runner.Quickstart(request, progress, stop));
        ScoreTables.WriteClasses(terminal, scores.Model, scores.PositionGuess);
        ScoreTables.WarnBelowGuess(terminal, scores.Model, scores.PositionGuess);
        terminal.Line();
        terminal.Line($"run folder: {run.Path}");
        return ExitCode.Ok;
    }
}
