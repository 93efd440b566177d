using System.CommandLine;

namespace SamMed3D.Transfer.Cli;

/// <summary><c>sammed3d evaluate</c>: label files against true ones.</summary>
internal sealed class EvaluateCommand
{
    private readonly Option<string> _predictions = new("--predictions", "-p") { Description = "Folder of predicted label files.", HelpName = "FOLDER", Required = true };
    private readonly Option<string> _labels = new("--labels", "-l") { Description = "Folder of true label files of the same names, on the same grids.", HelpName = "FOLDER", Required = true };
    private readonly Option<string?> _dataset = new("--dataset", "-d")
    {
        Description = "Data set that names the classes, and whose training labels give the position-only guess.",
        HelpName = "ROOT",
    };

    private readonly Option<string?> _csv = new("--csv") { Description = "Write the scores as CSV: a row for each case and class, then the means.", HelpName = "FILE" };
    private readonly Option<string?> _json = new("--json") { Description = "Write the scores as JSON: the means, then the cases.", HelpName = "FILE" };

    private EvaluateCommand()
    {
    }

    public static Command Create(Terminal terminal, CancellationToken stop)
    {
        var evaluate = new EvaluateCommand();
        var command = new ExampleCommand("evaluate", "Score predicted label files by Dice, a table of classes and one of cases.", """
            Dice goes from 0 to 1. A class that is in neither prediction nor truth of a case is left out of the means.
            The position-only guess gives each voxel the commonest training label at that place, all cases centred on one grid: a
            model that scores no better knows where things usually are, not what they look like.

            Examples:
              sammed3d evaluate --predictions predictions --labels data/labelsTs --dataset data
              sammed3d evaluate -p predictions -l data/labelsTs --csv scores.csv --json scores.json
            """)
        {
            evaluate._predictions, evaluate._labels, evaluate._dataset, evaluate._csv, evaluate._json,
        };
        command.SetAction(parsed => evaluate.Run(parsed, terminal, stop));
        return command;
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken stop)
    {
        string predictions = parsed.GetRequiredValue(_predictions), labels = parsed.GetRequiredValue(_labels);
        string? csv = parsed.GetValue(_csv), json = parsed.GetValue(_json);
        if (csv is not null && json is not null && Path.GetFullPath(csv) == Path.GetFullPath(json))
            throw new UsageException($"evaluate: --csv and --json both name {csv}; give two files.");
        foreach (string file in new[] { csv, json }.OfType<string>())
            AtomicFile.RequireWritable(file);
        var dataset = parsed.GetValue(_dataset) is { } root ? DatasetManifest.Open(root) : null;
        var result = ConsoleProgress.Run(terminal, progress => FolderEvaluation.Run(predictions, labels, dataset,
            new CaseProgress(progress), stop));
        ScoreTables.WriteCases(terminal, result.Model, result.PositionGuess);
        terminal.Line();
        ScoreTables.WriteClasses(terminal, result.Model, result.PositionGuess);
        ScoreTables.WarnBelowGuess(terminal, result.Model, result.PositionGuess);
        if (result.WithoutPrediction.Count > 0)
            terminal.Error.WriteLine($"note: {result.WithoutPrediction.Count} true label files have no prediction and are not scored, such as {result.WithoutPrediction[0]}.");
        if (dataset is not null && result.PositionGuess is null)
            terminal.Error.WriteLine("note: no position-only guess, the training grids are too large for it or there are none.");
        if (csv is not null)
            SegmentationScoresFile.SaveCsv(csv, result.Model, result.PositionGuess);
        if (json is not null)
            SegmentationScoresFile.SaveJson(json, result.Model, result.PositionGuess);
        return ExitCode.Ok;
    }

    /// <summary>Reports at once, on this thread.</summary>
    private sealed class CaseProgress(IProgress<RunProgress> progress) : IProgress<(int Done, int Total)>
    {
        public void Report((int Done, int Total) value) => progress.Report(new RunProgress("evaluating", value.Done, value.Total, "cases"));
    }
}
