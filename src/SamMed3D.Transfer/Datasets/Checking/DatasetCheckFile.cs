using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SamMed3D.Transfer;

/// <summary>Writes what a check found as JSON: the counts, then the problems, the worst first.</summary>
public static class DatasetCheckFile
{
    private static readonly JsonSerializerOptions Layout = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    /// <summary>Writes the file; it appears whole or not at all.</summary>
    public static void Save(string path, DatasetCheckReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        AtomicFile.WriteJson(path, new
        {
            report.Source,
            report.Layout,
            report.TrainingCases,
            report.TestCases,
            Errors = report.Count(ProblemSeverity.Error),
            Warnings = report.Count(ProblemSeverity.Warning),
            Notes = report.Count(ProblemSeverity.Note),
            report.Problems,
        }, Layout);
    }
}
