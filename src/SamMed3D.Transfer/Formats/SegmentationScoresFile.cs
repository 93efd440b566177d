using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>
/// Writes a table of scores as CSV (one row per case and class, for a data frame) or JSON (nested by case). A structure that is in neither
/// truth nor prediction has no Dice: an empty cell, or null.
/// </summary>
public static class SegmentationScoresFile
{
    /// <summary>The name under which all classes merged into one are listed, and of the rows with means.</summary>
    private const string Foreground = "foreground", Mean = "mean";

    private static readonly JsonWriterOptions Layout = new() { Indented = true };

    /// <summary>
    /// Writes CSV: case, class, dice, true_positives, false_positives, false_negatives, position_guess_dice; the last rows are the means over cases.
    /// </summary>
    public static void SaveCsv(string path, SegmentationScores scores, SegmentationScores? positionGuess = null) => Save(path, ToCsv(scores, positionGuess));

    /// <summary>Writes JSON: the means, then the cases.</summary>
    public static void SaveJson(string path, SegmentationScores scores, SegmentationScores? positionGuess = null) => Save(path, ToJson(scores, positionGuess));

    /// <summary>The text of the CSV file.</summary>
    /// <param name="scores">The scores.</param>
    /// <param name="positionGuess">What a guess by position alone scores on the same cases; null leaves its column empty.</param>
    /// <exception cref="ArgumentException">The guess is of other cases or classes.</exception>
    public static string ToCsv(SegmentationScores scores, SegmentationScores? positionGuess = null)
    {
        ArgumentNullException.ThrowIfNull(scores);
        RequireSameCases(scores, positionGuess);
        var text = new StringBuilder("case,class,dice,true_positives,false_positives,false_negatives,position_guess_dice\n");
        void Row(string caseId, string className, double dice, string counts, double? guess) => text.Append(CultureInfo.InvariantCulture,
            $"{Cell(caseId)},{Cell(className)},{NumberCell(dice)},{counts},{NumberCell(guess ?? double.NaN)}\n");
        static string Counts(DiceScore score) =>
            string.Create(CultureInfo.InvariantCulture, $"{score.TruePositives},{score.FalsePositives},{score.FalseNegatives}");

        for (int index = 0; index < scores.Cases.Count; index++)
        {
            var (scored, guessed) = (scores.Cases[index], positionGuess?.Cases[index]);
            for (int i = 0; i < scores.ClassNames.Count; i++)
                Row(scored.CaseId, scores.ClassNames[i], scored.Classes[i].Value, Counts(scored.Classes[i]), guessed?.Classes[i].Value);
            Row(scored.CaseId, Foreground, scored.Foreground.Value, Counts(scored.Foreground), guessed?.Foreground.Value);
        }

        for (int i = 0; i < scores.ClassNames.Count; i++)
            Row(Mean, scores.ClassNames[i], scores.ClassMeans[i], ",,", positionGuess?.ClassMeans[i]);
        Row(Mean, Foreground, scores.ForegroundDice, ",,", positionGuess?.ForegroundDice);
        Row(Mean, Mean, scores.MeanDice, ",,", positionGuess?.MeanDice);
        return text.ToString();
    }

    /// <summary>The text of the JSON file.</summary>
    /// <param name="scores">The scores.</param>
    /// <param name="positionGuess">What a guess by position alone scores on the same cases; null leaves its fields out.</param>
    /// <exception cref="ArgumentException">The guess is of other cases or classes.</exception>
    public static string ToJson(SegmentationScores scores, SegmentationScores? positionGuess = null)
    {
        ArgumentNullException.ThrowIfNull(scores);
        RequireSameCases(scores, positionGuess);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Layout))
        {
            json.WriteStartObject();
            WriteNumber(json, "mean_dice", scores.MeanDice);
            WriteGuess(json, "position_guess_mean_dice", positionGuess?.MeanDice);
            WriteNumber(json, "foreground_dice", scores.ForegroundDice);
            WriteGuess(json, "position_guess_foreground_dice", positionGuess?.ForegroundDice);
            json.WriteStartArray("classes");
            for (int i = 0; i < scores.ClassNames.Count; i++)
            {
                json.WriteStartObject();
                json.WriteString("name", scores.ClassNames[i]);
                WriteNumber(json, "mean_dice", scores.ClassMeans[i]);
                WriteGuess(json, "position_guess_mean_dice", positionGuess?.ClassMeans[i]);
                json.WriteNumber("cases_counted", scores.ClassCaseCounts[i]);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("cases");
            for (int index = 0; index < scores.Cases.Count; index++)
                WriteCase(json, scores.ClassNames, scores.Cases[index], positionGuess?.Cases[index]);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void RequireSameCases(SegmentationScores scores, SegmentationScores? guess)
    {
        if (guess is not null && (!guess.Cases.Select(one => one.CaseId).SequenceEqual(scores.Cases.Select(one => one.CaseId))
            || !guess.ClassNames.SequenceEqual(scores.ClassNames)))
            throw new ArgumentException("The guess is not of the same cases and classes in the same order.", nameof(guess));
    }

    private static void WriteCase(Utf8JsonWriter json, IReadOnlyList<string> classNames, CaseScores scored, CaseScores? guessed)
    {
        json.WriteStartObject();
        json.WriteString("case", scored.CaseId);
        WriteNumber(json, "mean_dice", scored.MeanDice);
        WriteGuess(json, "position_guess_mean_dice", guessed?.MeanDice);
        WriteScore(json, Foreground, scored.Foreground, guessed?.Foreground);
        json.WriteStartObject("classes");
        for (int i = 0; i < classNames.Count; i++)
            WriteScore(json, classNames[i], scored.Classes[i], guessed?.Classes[i]);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteScore(Utf8JsonWriter json, string name, DiceScore score, DiceScore? guess)
    {
        json.WriteStartObject(name);
        WriteNumber(json, "dice", score.Value);
        WriteGuess(json, "position_guess_dice", guess?.Value);
        json.WriteNumber("true_positives", score.TruePositives);
        json.WriteNumber("false_positives", score.FalsePositives);
        json.WriteNumber("false_negatives", score.FalseNegatives);
        json.WriteEndObject();
    }

    private static void WriteGuess(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
            WriteNumber(json, name, number);
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double value)
    {
        json.WritePropertyName(name);
        if (double.IsNaN(value))
            json.WriteNullValue();
        else
            json.WriteRawValue(Rounded(value));
    }

    /// <summary>Six decimals: a voxel in a million-voxel structure still shows.</summary>
    private static string Rounded(double value) => value.ToString("0.000000", CultureInfo.InvariantCulture);

    private static string NumberCell(double value) => double.IsNaN(value) ? "" : Rounded(value);

    private static string Cell(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static void Save(string path, string text) => AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
}
