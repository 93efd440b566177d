namespace SamMed3D.Transfer;

/// <summary>Cells of CSV files (RFC 4180).</summary>
internal static class CsvText
{
    /// <summary>The text, in quotes where it needs them.</summary>
    public static string Cell(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
