using System.Globalization;

namespace SamMed3D.Transfer.Cli;

/// <summary>Dice tables for people.</summary>
internal static class ScoreTables
{
    private const string ModelColumn = "Dice", GuessColumn = "position-only guess";

    /// <summary>A row a class, then the mean of the classes and all classes as one.</summary>
    public static void WriteClasses(Terminal terminal, SegmentationScores model, SegmentationScores? guess)
    {
        var table = new TextTable(["class", ModelColumn, .. guess is null ? Array.Empty<string>() : [GuessColumn], "cases"]);
        for (var i = 0; i < model.ClassNames.Count; i++)
            Row(model.ClassNames[i], model.ClassMeans[i], guess?.ClassMeans[i], model.ClassCaseCounts[i].ToString(CultureInfo.InvariantCulture));
        Row("mean of classes", model.MeanDice, guess?.MeanDice, model.Cases.Count.ToString(CultureInfo.InvariantCulture));
        Row("all classes as one", model.ForegroundDice, guess?.ForegroundDice, model.Cases.Count.ToString(CultureInfo.InvariantCulture));
        table.Write(terminal);

        void Row(string name, double dice, double? guessed, string cases) =>
            table.Add([name, Number(dice), .. guess is null ? Array.Empty<string>() : [Number(guessed!.Value)], cases]);
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
        var table = new TextTable(["case", "mean Dice", .. guess is null ? Array.Empty<string>() : [GuessColumn]]);
        for (var i = 0; i < model.Cases.Count; i++)
            table.Add([model.Cases[i].CaseId, Number(model.Cases[i].MeanDice),
                .. guess is null ? Array.Empty<string>() : [Number(guess.Cases[i].MeanDice)]]);
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
}
