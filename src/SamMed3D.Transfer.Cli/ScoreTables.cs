using System.Globalization;

namespace SamMed3D.Transfer.Cli;

/// <summary>Dice tables for people.</summary>
internal static class ScoreTables
{
    private const string ModelColumn = "Dice", GuessColumn = "position-only guess";

    /// <summary>What is printed of surfaces, beside Dice; the files have more.</summary>
    private static (SegmentationMetric Metric, string Column)[] SurfaceColumns(SegmentationScores model)
    {
        if (!model.HasSurfaces)
            return [];
        double[] tolerances = [.. model.Cases[0].Surfaces!.Select(surface => surface.Tolerance).Distinct()];
        string nsd = tolerances.Length == 1 ? string.Create(CultureInfo.InvariantCulture, $"NSD ({tolerances[0]:0.###} mm)") : "NSD";
        return [(SegmentationMetric.SurfaceDice, nsd), (SegmentationMetric.Hausdorff95, "HD95 (mm)"), (SegmentationMetric.MeanSurfaceDistance, "ASSD (mm)")];
    }

    /// <summary>A row a class, then the mean of the classes and all classes as one.</summary>
    public static void WriteClasses(Terminal terminal, SegmentationScores model, SegmentationScores? guess)
    {
        var surfaces = SurfaceColumns(model);
        var table = new TextTable(["class", ModelColumn, .. Guess(guess, GuessColumn), .. surfaces.Select(column => column.Column), "cases"]);
        for (var i = 0; i < model.ClassNames.Count; i++)
            Row(model.ClassNames[i], model.ClassMeans[i], guess?.ClassMeans[i], metric => model.Mean(metric, i).Value, model.ClassCaseCounts[i]);
        Row("mean of classes", model.MeanDice, guess?.MeanDice, model.MeanOfClasses, model.Cases.Count);
        Row("all classes as one", model.ForegroundDice, guess?.ForegroundDice, metric => model.Mean(metric, null).Value, model.Cases.Count);
        table.Write(terminal);

        void Row(string name, double dice, double? guessed, Func<SegmentationMetric, double> surface, int cases) => table.Add(
            [name, Number(dice), .. Guess(guess, Number(guessed ?? double.NaN)), .. surfaces.Select(column => Number(column.Metric, surface(column.Metric))), $"{cases}"]);
    }

    /// <summary>Says how many distances are in no mean, because there is nothing to measure them to.</summary>
    public static void NoteInfinite(Terminal terminal, SegmentationScores model)
    {
        if (!model.HasSurfaces)
            return;
        string[] counts = [.. model.ClassNames.Select((name, index) => (Name: name, Count: model.Mean(SegmentationMetric.Hausdorff, index).InfiniteCount))
            .Where(entry => entry.Count > 0).Select(entry => $"{entry.Name} ({entry.Count})")];
        if (counts.Length > 0)
            terminal.Error.WriteLine($"note: cases where a class is in truth or prediction alone have infinite distances, which are in no mean; by class (cases): {string.Join(", ", counts)}.");
    }

    /// <summary>Says so where the model knows less than where things usually are.</summary>
    public static void WarnBelowGuess(Terminal terminal, SegmentationScores model, SegmentationScores? guess)
    {
        if (guess is not null && model.MeanDice < guess.MeanDice)
            terminal.Error.WriteLine("note: the model scores below the position-only guess, which never looks at the image; it is no segmentation yet. Train it for longer.");
    }

    /// <summary>A row a case: the mean over its classes.</summary>
    public static void WriteCases(Terminal terminal, SegmentationScores model, SegmentationScores? guess)
    {
        var surfaces = SurfaceColumns(model);
        var table = new TextTable(["case", "mean Dice", .. Guess(guess, GuessColumn), .. surfaces.Select(column => column.Column)]);
        for (var i = 0; i < model.Cases.Count; i++)
            table.Add([model.Cases[i].CaseId, Number(model.MeanOfCase(SegmentationMetric.Dice, i).Value),
                .. Guess(guess, Number(guess?.MeanOfCase(SegmentationMetric.Dice, i).Value ?? double.NaN)),
                .. surfaces.Select(column => Number(column.Metric, model.MeanOfCase(column.Metric, i).Value))]);
        table.Write(terminal);
    }

    /// <summary>A row for each number of clicks.</summary>
    public static void WriteClicks(Terminal terminal, ClickScores scores)
    {
        var table = new TextTable("clicks", "mean Dice", "targets");
        for (var i = 0; i < scores.Clicks.Count; i++)
            table.Add($"{scores.Clicks[i]}", Number(scores.Means[i]), $"{scores.Targets.Count}");
        table.Write(terminal);
    }

    /// <summary>A row for each target, a column for each number of clicks.</summary>
    public static void WriteClicksByTarget(Terminal terminal, ClickScores scores)
    {
        var table = new TextTable(["label", .. scores.Clicks.Select(count => count == 1 ? "1 click" : $"{count}")]);
        foreach (var (target, dice) in scores.Targets)
            table.Add([target, .. dice.Select(Number)]);
        table.Add(["mean", .. scores.Means.Select(Number)]);
        table.Write(terminal);
    }

    /// <summary>Four decimals; a dash for a structure that is in neither map.</summary>
    private static string Number(double value) => double.IsNaN(value) ? "-" : value.ToString("0.0000", CultureInfo.InvariantCulture);

    /// <summary>Millimetres have two decimals.</summary>
    private static string Number(SegmentationMetric metric, double value) =>
        metric == SegmentationMetric.SurfaceDice || double.IsNaN(value) ? Number(value) : value.ToString("0.00", CultureInfo.InvariantCulture);

    private static string[] Guess(SegmentationScores? guess, string cell) => guess is null ? [] : [cell];
}
