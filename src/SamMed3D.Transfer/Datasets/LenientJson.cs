using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>JSON that people wrote by hand, such as a data set's description: comments and trailing commas do no harm.</summary>
internal static class LenientJson
{
    public static JsonDocumentOptions Options { get; } = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Reads a file and takes from it what is wanted.</summary>
    /// <exception cref="InvalidDataException">It is not JSON; the message has the path and the place.</exception>
    public static T Read<T>(string path, Func<JsonElement, T> take)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), Options);
            return take(document.RootElement);
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException($"{path}: not valid JSON at line {broken.LineNumber + 1}, byte {broken.BytePositionInLine + 1} of the line.", broken);
        }
    }
}
