using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>JSON that people wrote by hand, such as a data set's description: comments and trailing commas do no harm.</summary>
internal static class LenientJson
{
    public static JsonDocumentOptions Options { get; } = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Reads a file and takes from it what is wanted.</summary>
    /// <exception cref="InvalidDataException">It is not JSON, or an object has a key twice; the message has the path and the place.</exception>
    public static T Read<T>(string path, Func<JsonElement, T> take)
    {
        try
        {
            using var document = JsonDocument.Parse(BytesOf(path), Options);
            RequireUniqueKeys(path, "", document.RootElement);
            return take(document.RootElement);
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException($"{path}: not valid JSON at line {broken.LineNumber + 1}, byte {broken.BytePositionInLine + 1} of the line.", broken);
        }
    }

    /// <summary>The file without the byte order mark that some editors write.</summary>
    public static ReadOnlyMemory<byte> BytesOf(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        return bytes.AsMemory(bytes is [0xef, 0xbb, 0xbf, ..] ? 3 : 0);
    }

    /// <summary>Which of two entries counts, each program decides for itself.</summary>
    private static void RequireUniqueKeys(string path, string at, JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array)
            foreach (var (entry, index) in element.EnumerateArray().Select((entry, index) => (entry, index)))
                RequireUniqueKeys(path, $"{at}[{index}]", entry);
        if (element.ValueKind != JsonValueKind.Object)
            return;
        string before = at.Length > 0 ? at + "." : "";
        foreach (var same in element.EnumerateObject().GroupBy(entry => entry.Name, StringComparer.Ordinal))
        {
            if (same.Count() > 1)
                throw new InvalidDataException($"{path}: {before}{same.Key}: expected one entry, got {same.Count()}.");
            RequireUniqueKeys(path, before + same.Key, same.First().Value);
        }
    }
}
