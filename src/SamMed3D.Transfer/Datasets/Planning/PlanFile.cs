using System.Text.Encodings.Web;
using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>Writes the JSON files of a plan.</summary>
internal static class PlanFile
{
    private static readonly JsonSerializerOptions Layout = new()
    {
        WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void WriteJson(string path, object value) => AtomicFile.WriteJson(path, value, Layout);
}
