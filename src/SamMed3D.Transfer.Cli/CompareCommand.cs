using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace SamMed3D.Transfer.Cli;

/// <summary><c>sammed3d compare CONFIG</c>: which start is better, by how much, and is it real?</summary>
internal sealed class CompareCommand
{
    /// <summary>Bytes that a run keeps for each parameter: best and last weights, and a state of weights and two moments.</summary>
    private const int BytesPerParameter = 5 * sizeof(float);

    private readonly Argument<string> _config = new("CONFIG") { Description = "The comparison: a YAML file such as configs/compare/synthetic-starts.yaml." };
    private readonly Option<string[]> _set = CommonOptions.Set("comparison");
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Print the runs, what is done of them, and time and disk they need; train nothing." };
    private readonly Option<int?> _jobs = new("--jobs", "-j") { Description = "Runs side by side, each a process of its own with its share of the cores. Default: 1.", HelpName = "N" };
    private readonly Option<string?> _only = new("--only") { Description = "Do this one run and nothing else, as a cluster's job does.", HelpName = "RUN" };
    private readonly Option<string?> _slurm = new("--slurm") { Description = "Write an sbatch script with a job for each run that is not done, --jobs at once where given, and train nothing.", HelpName = "FILE" };
    private readonly Option<bool> _reportOnly = new("--report-only") { Description = "Write results and report of the runs that are done; train nothing." };
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<bool> _ignoreMemory = CommonOptions.IgnoreMemory();

    private CompareCommand()
    {
    }

    public static Command Create(Terminal terminal, CancellationToken stop)
    {
        var compare = new CompareCommand();
        var command = new ExampleCommand("compare", "Train several starts on the same folds, seeds and patches, and say which is better and whether that is real.", """
            Every run is scored with its last weights on the fold's held-out cases. Runs that are done are skipped, interrupted ones go on.
            The comparison's folder gets results.csv, results.json and report.html, one self-contained page.
            Cases are the unit of the statistics, seeds are averaged within a case: give two seeds or more. Exit code 1 where runs failed.
            An arm that sets another network (model={kind: residual-unet, imageSize: 32}) is the task-specific baseline: every start is tested against it.
            A run gives the same numbers again with the same number of threads, which --jobs shares out; with another, sums round otherwise.
            A Slurm job has the threads of --threads, or as many as cores are asked for. Submitted again, it goes on where it was stopped.

            Examples:
              sammed3d compare configs/compare/synthetic-starts.yaml --dry-run
              sammed3d compare configs/compare/synthetic-starts.yaml
              sammed3d compare starts.yaml --set folds=[0,1,2] --jobs 2
              sammed3d compare starts.yaml --slurm starts.sh    (then: sbatch starts.sh; and when it is done: compare starts.yaml --report-only)
            """)
        {
            compare._config, compare._set, compare._dryRun, compare._jobs, compare._only, compare._slurm, compare._reportOnly, compare._threads,
            compare._ignoreMemory,
        };
        CommonOptions.RequirePositive(compare._jobs);
        command.SetAction(parsed => compare.Run(parsed, terminal, stop));
        return command;
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken stop)
    {
        string[] given = [.. new[] { _dryRun.Name, _only.Name, _slurm.Name, _reportOnly.Name }.Where(name => parsed.GetResult(name) is OptionResult { Implicit: false })];
        if (given.Length > 1)
            throw new UsageException($"compare: {given[0]} and {given[1]} do different things; give one of them.");
        string config = parsed.GetRequiredValue(_config);
        string[] changes = parsed.GetValue(_set) ?? [];
        var plan = ComparisonPlan.Read(config, changes);
        var cells = plan.Cells();
        string[] runOptions =
        [
            .. changes.SelectMany(change => new[] { _set.Name, change }),
            .. parsed.GetValue(_ignoreMemory) ? [_ignoreMemory.Name] : Array.Empty<string>(),
        ];
        CommonOptions.UseThreads(parsed.GetValue(_threads));
        if (parsed.GetValue(_only) is { } only)
        {
            var cell = cells.FirstOrDefault(one => one.Id == only)
                ?? throw new UsageException($"compare: there is no run '{only}'; the runs are {string.Join(", ", cells.Select(one => one.Id))}.");
            if (cell.IsDone)
            {
                terminal.Line($"{cell.Id}: has ended already");
                return ExitCode.Ok;
            }

            try
            {
                ConsoleProgress.Run(terminal, progress =>
                {
                    ComparisonRunner.Run(cell with { IgnoresMemory = parsed.GetValue(_ignoreMemory) }, progress, stop);
                    return true;
                });
                return ExitCode.Ok;
            }
            catch (RunStoppedException)
            {
                terminal.Error.WriteLine($"sammed3d: {cell.Id} was stopped; the same command goes on with it.");
                return ExitCode.Cancelled;
            }
        }

        if (parsed.GetValue(_reportOnly))
            return Report(plan, terminal, [], stop);
        ComparisonRunner.Check(plan);
        if (parsed.GetValue(_dryRun))
            return Show(plan, cells, terminal);
        if (parsed.GetValue(_slurm) is { } script)
            return WriteSlurm(script, config, runOptions, [.. cells.Where(cell => !cell.IsDone)], parsed.GetValue(_jobs), parsed.GetValue(_threads), terminal);
        int jobs = parsed.GetValue(_jobs) ?? 1;
        return RunAll(plan, config, runOptions, jobs, parsed.GetValue(_threads) ?? Math.Max(1, Environment.ProcessorCount / jobs), terminal, stop);
    }

    /// <summary>Trains what is not done yet, each run in a process of its own, and reports.</summary>
    /// <param name="plan">As <paramref name="config"/> and <paramref name="options"/> give it.</param>
    /// <param name="config">The comparison's file.</param>
    /// <param name="options">What else each run is given: overrides of the file.</param>
    /// <param name="jobs">Runs at once.</param>
    /// <param name="threads">Of each.</param>
    /// <param name="terminal">Where lines and results go.</param>
    /// <param name="stop">Lets the runs finish their step, save and end.</param>
    /// <returns>The exit code.</returns>
    public static int RunAll(ComparisonPlan plan, string config, string[] options, int jobs, int threads, Terminal terminal, CancellationToken stop)
    {
        var failures = CellProcesses.Run(
            [.. plan.Cells().Where(cell => !cell.IsDone).Select(cell => cell.Id)],
            id => ["compare", config, .. options, "--only", id, "--threads", threads.ToString(CultureInfo.InvariantCulture)],
            jobs, terminal.Error, stop);
        stop.ThrowIfCancellationRequested();
        // What another process did meanwhile is done.
        var done = plan.Cells().Where(cell => cell.IsDone).Select(cell => cell.Id).ToHashSet();
        return Report(plan, terminal, [.. failures.Where(one => !done.Contains(one.Id)).Select(one => one.Line)], stop);
    }

    private static int Show(ComparisonPlan plan, IReadOnlyList<ComparisonCell> cells, Terminal terminal)
    {
        var table = new TextTable("run", "state") { HoldsText = true };
        foreach (var cell in cells)
            table.Add(cell.Id, cell.IsDone ? "done" : File.Exists(Path.Combine(cell.Folder, "run.json")) ? "begun" : "to do");
        table.Write(terminal);
        terminal.Line();
        foreach (var arm in plan.Arms)
            if (plan.OtherDifferences(arm) is { Count: > 0 } differences)
                terminal.Line(ComparisonText.AlsoDiffers(arm.Name, differences));
        var left = cells.Where(cell => !cell.IsDone).ToList();
        double bytes = left.GroupBy(cell => cell.Arm.Name).Sum(arm => arm.Count() * (double)BytesPerParameter * ParametersOf(arm.First()));
        double[] seconds = [.. cells.Where(cell => cell.IsDone).Select(cell => cell.ReadResult().Cost.WallSeconds).Where(double.IsFinite)];
        terminal.Line(FormattableString.Invariant($"{left.Count} of {cells.Count} runs to do; about {bytes / 1e9:0.0} GB in {plan.Folder}"));
        terminal.Line(seconds.Length > 0
            ? FormattableString.Invariant($"about {TimeSpan.FromSeconds(seconds.Average() * left.Count).TotalMinutes:0} minutes one after the other, as the {(seconds.Length == 1 ? "run that is" : $"{seconds.Length} runs that are")} done took")
            : "how long they take is known once one is done");
        return ExitCode.Ok;
    }

    private static long ParametersOf(ComparisonCell cell)
    {
        var experiment = ExperimentRunner.Prepare(cell.CreateExperiment());
        using var model = experiment.Model.Create();
        return model.parameters().Sum(parameter => parameter.numel());
    }

    /// <summary>A job runs where this process does and with the same program: paths in the files are relative, and the program need not be in the PATH of a job.</summary>
    private static int WriteSlurm(string path, string config, string[] options, ComparisonCell[] cells, int? jobs, int? threads, Terminal terminal)
    {
        if (cells.Length == 0)
            throw new UsageException("compare: every run is done; there is nothing to submit.");
        string program = string.Join(' ', CellProcesses.Program().Select(Quoted));
        string common = string.Join(' ', options.Prepend(config).Select(Quoted));
        string count = threads?.ToString(CultureInfo.InvariantCulture) ?? "\"${SLURM_CPUS_PER_TASK:-${SLURM_CPUS_ON_NODE:-1}}\"";
        string atOnce = jobs is { } most ? FormattableString.Invariant($"%{most}") : "";
        string cores = threads is { } wanted ? FormattableString.Invariant($"\n#SBATCH --cpus-per-task={wanted}") : "";
        string text = $"""
            #!/usr/bin/env bash
            #SBATCH --job-name={cells[0].Plan.Name}
            #SBATCH --array=0-{cells.Length - 1}{atOnce}{cores}
            #SBATCH --output={cells[0].Plan.Name}-%A-%a.log
            #SBATCH --open-mode=append
            #SBATCH --signal=B:TERM@120
            #SBATCH --requeue
            # Add your cluster's partition, time and memory, such as: #SBATCH --gres=gpu:1 --cpus-per-task=8 --time=12:00:00
            runs=({string.Join(' ', cells.Select(cell => Quoted(cell.Id)))})
            cd {Quoted(Environment.CurrentDirectory)} || exit 1
            exec {program} compare {common} --threads {count} --only "${"{runs[$SLURM_ARRAY_TASK_ID]}"}"

            """.ReplaceLineEndings("\n");
        AtomicFile.WriteText(path, text);
        terminal.Line($"{path}: {cells.Length} jobs; submit it with sbatch, then write the report with --report-only");
        return ExitCode.Ok;
    }

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static int Report(ComparisonPlan plan, Terminal terminal, IReadOnlyList<string> failures, CancellationToken stop)
    {
        foreach (string failure in failures)
            terminal.Error.WriteLine($"sammed3d: {failure}");
        if (!plan.Cells().Any(cell => cell.IsDone))
            throw new InvalidDataException($"{plan.Folder}: no run of this comparison has ended yet; there is nothing to report.");
        var results = ComparisonRunner.Collect(plan, stop);
        var summary = ComparisonSummary.Of(results);
        string page = Path.Combine(plan.Folder, "report.html");
        ComparisonReport.Write(page, results, Pictures(plan, summary));
        var table = new TextTable("arm", "Dice", "NSD", "difference", "95 % interval", "p", "cases", "learns %");
        foreach (var arm in summary.Main)
            table.Add(
                arm.Arm.Name, Number(arm.MeanDice), Number(arm.MeanSurfaceDice), arm.Comparison is { } found ? Number(found.MeanDifference) : "baseline",
                arm.Comparison?.Interval is { } interval ? $"{Number(interval.Lower)} to {Number(interval.Upper)}" : "",
                arm.Comparison is { } tested ? Number(tested.PValue) : "", $"{arm.CaseCount}", Number(100 * arm.Cost.TrainableFraction(), "0.0"));
        foreach (var guess in summary.PositionGuess.Where(one => one.Budget == summary.MainBudget))
            table.Add("position-only guess", Number(guess.MeanDice), "", "", "", "", $"{guess.CaseCount}", "");
        table.Write(terminal);
        terminal.Line();
        foreach (string sentence in ComparisonText.Sentences(summary))
            terminal.Line(sentence);
        terminal.Line();
        terminal.Line($"report: {page}");
        return failures.Count == 0 ? ExitCode.Ok : ExitCode.Failure;
    }

    private static List<CasePicture> Pictures(ComparisonPlan plan, ComparisonSummary summary)
    {
        var pictures = new List<CasePicture>();
        var manifest = DatasetManifest.Open(plan.Cells()[0].CreateExperiment().Data.Root);
        foreach (var shown in ShownCase.Choose(summary))
        {
            var cell = plan.Cells().First(one => one.Id == shown.RunId);
            var files = manifest.TrainingCases.First(one => one.Id == shown.CaseId);
            using var image = Volume.Open(files.ImagePaths[0]);
            using var truth = LabelVolume.Open(files.LabelPath!);
            using var prediction = LabelVolume.Open(ComparisonRunner.PredictionOf(cell, shown.CaseId));
            pictures.Add(CasePicture.Draw(shown, image, truth, prediction));
        }

        return pictures;
    }

    private static string Number(double value, string format = "0.000") => double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "";
}
