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

    /// <summary>Writes CSV: case, class, dice, true_positives, false_positives, false_negatives; the last rows are the means over cases.</summary>
    public static void SaveCsv(string path, SegmentationScores scores) => Save(path, ToCsv(scores));

    /// <summary>Writes JSON: the means, then the cases.</summary>
    public static void SaveJson(string path, SegmentationScores scores) => Save(path, ToJson(scores));

    /// <summary>The text of the CSV file.</summary>
    public static string ToCsv(SegmentationScores scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        var text = new StringBuilder("case,class,dice,true_positives,false_positives,false_negatives\n");
        void Row(string caseId, string className, double dice, string counts) =>
            text.Append(CultureInfo.InvariantCulture, $"{Cell(caseId)},{Cell(className)},{(double.IsNaN(dice) ? "" : Rounded(dice))},{counts}\n");
        static string Counts(DiceScore score) =>
            string.Create(CultureInfo.InvariantCulture, $"{score.TruePositives},{score.FalsePositives},{score.FalseNegatives}");

        foreach (var scored in scores.Cases)
        {
            for (int i = 0; i < scores.ClassNames.Count; i++)
                Row(scored.CaseId, scores.ClassNames[i], scored.Classes[i].Value, Counts(scored.Classes[i]));
            Row(scored.CaseId, Foreground, scored.Foreground.Value, Counts(scored.Foreground));
        }

        for (int i = 0; i < scores.ClassNames.Count; i++)
            Row(Mean, scores.ClassNames[i], scores.ClassMeans[i], ",,");
        Row(Mean, Foreground, scores.ForegroundDice, ",,");
        Row(Mean, Mean, scores.MeanDice, ",,");
        return text.ToString();
    }

    /// <summary>The text of the JSON file.</summary>
    public static string ToJson(SegmentationScores scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Layout))
        {
            json.WriteStartObject();
            WriteNumber(json, "mean_dice", scores.MeanDice);
            WriteNumber(json, "foreground_dice", scores.ForegroundDice);
            json.WriteStartArray("classes");
            for (int i = 0; i < scores.ClassNames.Count; i++)
            {
                json.WriteStartObject();
                json.WriteString("name", scores.ClassNames[i]);
                WriteNumber(json, "mean_dice", scores.ClassMeans[i]);
                json.WriteNumber("cases_counted", scores.ClassCaseCounts[i]);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("cases");
            foreach (var scored in scores.Cases)
            {
                json.WriteStartObject();
                json.WriteString("case", scored.CaseId);
                WriteNumber(json, "mean_dice", scored.MeanDice);
                WriteScore(json, Foreground, scored.Foreground);
                json.WriteStartObject("classes");
                for (int i = 0; i < scores.ClassNames.Count; i++)
                    WriteScore(json, scores.ClassNames[i], scored.Classes[i]);
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void WriteScore(Utf8JsonWriter json, string name, DiceScore score)
    {
        json.WriteStartObject(name);
        WriteNumber(json, "dice", score.Value);
        json.WriteNumber("true_positives", score.TruePositives);
        json.WriteNumber("false_positives", score.FalsePositives);
        json.WriteNumber("false_negatives", score.FalseNegatives);
        json.WriteEndObject();
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

    private static string Cell(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static void Save(string path, string text) => AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
}
