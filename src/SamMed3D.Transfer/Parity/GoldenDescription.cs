using System.Text.Json;
using System.Text.RegularExpressions;

namespace SamMed3D.Transfer;

/// <summary>Reads the config.json (or expected.json) of a golden case. They were written by Python, whose NaN and Infinity JSON does not know.</summary>
public static partial class GoldenDescription
{
    /// <summary>Reads a description; NaN and infinities come as null.</summary>
    /// <exception cref="JsonException">The file is no JSON even so.</exception>
    public static JsonDocument Read(string path) => JsonDocument.Parse(NotANumber().Replace(File.ReadAllText(path), "${before}null"));

    [GeneratedRegex(@"(?<before>[:\[,]\s*)-?(NaN|Infinity)\b", RegexOptions.CultureInvariant)]
    private static partial Regex NotANumber();
}
