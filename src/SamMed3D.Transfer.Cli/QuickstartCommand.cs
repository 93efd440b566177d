using System.CommandLine;
using System.Globalization;

namespace SamMed3D.Transfer.Cli;

/// <summary><c>sammed3d quickstart</c>: from nothing to a comparison of starts.</summary>
internal sealed class QuickstartCommand
{
    private static readonly QuickstartOptions Defaults = new();

    private readonly Option<string?> _output = new("--output", "-o") { Description = "Folder for data, models and comparison; one of an interrupted quickstart goes on. Default: a fresh one under runs.", HelpName = "DIR" };
    private readonly Option<int?> _steps = new("--steps") { Description = $"Training steps of each compared run; the pretraining is longer or shorter with it. Default: {Defaults.Steps}.", HelpName = "N" };
    private readonly Option<long> _seed = new("--seed") { Description = "Seed of everything random.", HelpName = "N", DefaultValueFactory = _ => 0 };
    private readonly Option<int?> _jobs = new("--jobs", "-j") { Description = "Compared runs side by side, each on one core. Default: as many as there are cores, 10 at most.", HelpName = "N" };
    private readonly Option<int?> _threads = CommonOptions.Threads();

    private QuickstartCommand()
    {
        CommonOptions.RequirePositive(_steps);
        CommonOptions.RequirePositive(_jobs);
    }

    public static Command Create(Terminal terminal, IExperimentRunner runner, CancellationToken stop)
    {
        var quickstart = new QuickstartCommand();
        var command = new ExampleCommand("quickstart", "Pretrain small models on synthetic data and compare starts from them, with a report.", """
            Makes three data sets of CT torsos as real .nii.gz files, pretrains a small SAM-Med3D by clicks on two of them and a small 2D SAM on their
            slices, and compares UNETR from scratch, pretrained, inflated, with adapters and without a transformer on the third, with two seeds each.
            Ends with a table, the findings in words, and the path of report.html. Under 10 minutes on 2 cores; downloads nothing.
            The data are made up, and models and trainings tiny: how such an answer looks is to be seen here, not which start is best.

            Examples:
              sammed3d quickstart
              sammed3d quickstart --output try --steps 60 --seed 1
            """)
        {
            quickstart._output, quickstart._steps, quickstart._seed, quickstart._jobs, quickstart._threads,
        };
        command.SetAction(parsed => quickstart.Run(parsed, terminal, runner, stop));
        return command;
    }

    private int Run(ParseResult parsed, Terminal terminal, IExperimentRunner runner, CancellationToken stop)
    {
        CommonOptions.UseThreads(parsed.GetValue(_threads));
        int steps = parsed.GetValue(_steps) ?? Defaults.Steps;
        var options = Defaults with
        {
            Steps = steps, Seed = parsed.GetValue(_seed),
            PretrainingSteps = Share(Defaults.PretrainingSteps), SliceSteps = Share(Defaults.SliceSteps),
        };
        string output = parsed.GetValue(_output)
            ?? Path.Combine("runs", string.Create(CultureInfo.InvariantCulture, $"quickstart-{TimeProvider.System.GetLocalNow():yyyyMMdd-HHmmss}"));
        var plan = ConsoleProgress.Run(terminal, progress => runner.PrepareQuickstart(output, options, progress, stop));
        // A thread each: however many run side by side, each gives the same numbers.
        return runner.Compare(plan, Quickstart.PlanPath(output), parsed.GetValue(_jobs) ?? Math.Min(Environment.ProcessorCount, plan.Cells().Count), 1, terminal, stop);

        int Share(int whole) => Math.Max(2, (int)((long)whole * steps / Defaults.Steps));
    }
}
