using System.Text.Encodings.Web;
using System.Text.Json;

namespace SamMed3D.Transfer.Cli;

/// <summary>JSON on the output.</summary>
internal static class JsonOutput
{
    private static readonly JsonSerializerOptions Layout = new()
    {
        WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Write(Terminal terminal, object value) => terminal.Line(JsonSerializer.Serialize(value, Layout));
}
