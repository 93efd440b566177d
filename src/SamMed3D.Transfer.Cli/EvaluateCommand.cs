using System.CommandLine;
using System.Globalization;

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

    private readonly Option<string[]> _tolerance = new("--nsd-tolerance")
    {
        Description = "Tolerance of NSD (surface Dice) in mm, for all classes or, as CLASS=MM, for one; may be given several times. Default: 2.",
        HelpName = "MM|CLASS=MM",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string> _surface = new Option<string>("--surface")
    {
        Description = "What surfaces are: area, voxel corners weighted by the area they stand for; voxel, border voxels that all weigh the same.",
        DefaultValueFactory = _ => "area",
    }.AcceptOnlyFromAmong("area", "voxel");

    private readonly Option<bool> _noSurfaces = new("--no-surfaces") { Description = "Leave out NSD, HD95, HD and ASSD, and the time they take." };
    private readonly Option<string> _empty = new Option<string>("--empty")
    {
        Description = "A class in neither prediction nor truth of a case: agree, Dice, IoU and NSD count 1 and distances 0; leave-out, it is in no mean.",
        DefaultValueFactory = _ => "agree",
    }.AcceptOnlyFromAmong("agree", "leave-out");

    private EvaluateCommand()
    {
    }

    public static Command Create(Terminal terminal, CancellationToken stop)
    {
        var evaluate = new EvaluateCommand();
        var command = new ExampleCommand("evaluate", "Score predicted label files by Dice and surface distances, a table of classes and one of cases.", """
            Dice and NSD (surface Dice: the part of both surfaces within a tolerance of each other) go from 0 to 1; HD95 (95th percentile of the
            surface distances) and ASSD (their mean) are in mm. A class in truth or prediction alone scores 0; its distances are infinite,
            stay out of the means and are counted. Validation in training prints Dice alone and leaves absent classes out. The files have also
            IoU, sensitivity, precision, HD and volumes in mm3.
            The position-only guess gives each voxel the commonest training label at that place, all cases centred on one grid: a
            model that scores no better knows where things usually are, not what they look like.

            Examples:
              sammed3d evaluate --predictions predictions --labels data/labelsTs --dataset data
              sammed3d evaluate -p predictions -l data/labelsTs --csv scores.csv --json scores.json
              sammed3d evaluate -p predictions -l data/labelsTs -d data --nsd-tolerance 1 --nsd-tolerance liver=3
            """)
        {
            evaluate._predictions, evaluate._labels, evaluate._dataset, evaluate._csv, evaluate._json,
            evaluate._tolerance, evaluate._surface, evaluate._noSurfaces, evaluate._empty,
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
        var options = Options(parsed);
        var result = Scored(() => ConsoleProgress.Run(terminal, progress => FolderEvaluation.Run(predictions, labels, dataset, options,
            new CaseProgress(progress), stop)));
        ScoreTables.WriteCases(terminal, result.Model, result.PositionGuess);
        terminal.Line();
        ScoreTables.WriteClasses(terminal, result.Model, result.PositionGuess);
        ScoreTables.NoteInfinite(terminal, result.Model);
        ScoreTables.WarnBelowGuess(terminal, result.Model, result.PositionGuess);
        if (result.WithoutPrediction.Count > 0)
            terminal.Error.WriteLine($"note: {result.WithoutPrediction.Count} true label files have no prediction and are not scored, such as {result.WithoutPrediction[0]}.");
        if (dataset is not null && result.PositionGuess is null)
            terminal.Error.WriteLine("note: no position-only guess, the training grids are too large for it or there are none.");
        if (csv is not null)
            SegmentationScoresFile.SaveCsv(csv, result.Model, result.PositionGuess);
        if (json is not null)
            SegmentationScoresFile.SaveJson(json, result.Model, result.PositionGuess, result.WithoutPrediction);
        return ExitCode.Ok;
    }

    private EvaluationOptions Options(ParseResult parsed)
    {
        var surfaces = new SurfaceOptions
        {
            Convention = parsed.GetRequiredValue(_surface) == "voxel" ? SurfaceConvention.VoxelBorder : SurfaceConvention.AreaWeighted,
        };
        string[] tolerances = parsed.GetValue(_tolerance) ?? [];
        if (parsed.GetValue(_noSurfaces) && tolerances.Length > 0)
            throw new UsageException("evaluate: --nsd-tolerance belongs to the surfaces that --no-surfaces leaves out; give one of them.");
        foreach (string text in tolerances)
        {
            int equals = text.LastIndexOf('=');
            if (!double.TryParse(text[(equals + 1)..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double tolerance))
                throw new UsageException($"--nsd-tolerance: expected mm of 0 or more such as 2 or liver=3, got '{text}'.");
            surfaces = equals < 0
                ? surfaces with { Tolerance = tolerance }
                : surfaces with { ClassTolerances = new Dictionary<string, double>(surfaces.ClassTolerances) { [text[..equals]] = tolerance } };
        }

        return new EvaluationOptions
        {
            Surfaces = parsed.GetValue(_noSurfaces) ? null : surfaces,
            Empty = parsed.GetRequiredValue(_empty) == "agree" ? EmptyStructures.Agree : EmptyStructures.LeftOut,
        };
    }

    /// <summary>A tolerance for a class that is none is a mistake on the command line.</summary>
    private static FolderComparison Scored(Func<FolderComparison> score)
    {
        try
        {
            return score();
        }
        catch (ArgumentException mistake) when (mistake.ParamName == "options")
        {
            throw new UsageException($"--nsd-tolerance: {mistake.Message.Replace(" (Parameter 'options')", "", StringComparison.Ordinal)}");
        }
    }

    /// <summary>Reports at once, on this thread.</summary>
    private sealed class CaseProgress(IProgress<RunProgress> progress) : IProgress<(int Done, int Total)>
    {
        public void Report((int Done, int Total) value) => progress.Report(new RunProgress("evaluating", value.Done, value.Total, "cases"));
    }
}
