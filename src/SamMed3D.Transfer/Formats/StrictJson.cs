using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>Reads JSON that others wrote, saying in our own words what does not fit. What is said begins with the place.</summary>
internal static class StrictJson
{
    /// <summary>The document; the caller disposes it.</summary>
    /// <exception cref="InvalidDataException">It is not valid JSON.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> text, string where)
    {
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException problem)
        {
            throw new InvalidDataException(
                $"{where}: not valid JSON at line {problem.LineNumber + 1}, byte {problem.BytePositionInLine + 1}", problem);
        }
    }

    /// <summary>The members of an object, in order.</summary>
    /// <exception cref="InvalidDataException">It is no object, a name is no valid text or occurs twice.</exception>
    public static IReadOnlyList<(string Name, JsonElement Value)> Members(JsonElement element, string where)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new InvalidDataException($"{where}: expected a JSON object, got {Describe(element)}");
        var members = new List<(string, JsonElement)>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            string name = Decode(() => property.Name, where);
            if (!names.Add(name))
                throw new InvalidDataException($"{where}: {BrokenFile.Quote(name)} occurs twice");
            members.Add((name, property.Value));
        }

        return members;
    }

    /// <exception cref="InvalidDataException">It is no text.</exception>
    public static string Text(JsonElement element, string where) => element.ValueKind == JsonValueKind.String
        ? Decode(() => element.GetString()!, where)
        : throw new InvalidDataException($"{where}: expected a JSON text, got {Describe(element)}");

    /// <exception cref="InvalidDataException">It is no list of integers, or too long.</exception>
    public static long[] Integers(JsonElement element, int most, string where)
    {
        if (element.ValueKind != JsonValueKind.Array)
            throw new InvalidDataException($"{where}: expected a JSON list of integers, got {Describe(element)}");
        if (element.GetArrayLength() > most)
            throw new InvalidDataException($"{where}: expected at most {most} integers, got {element.GetArrayLength()}");
        return [.. element.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out long number)
            ? number
            : throw new InvalidDataException($"{where}: expected a JSON list of integers, got {Describe(item)} in it"))];
    }

    // Half a surrogate pair, or bytes that are not UTF-8.
    private static string Decode(Func<string> read, string where)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException problem)
        {
            throw new InvalidDataException($"{where}: a text is not valid Unicode", problem);
        }
    }

    private static string Describe(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => $"the number {BrokenFile.Quote(element.GetRawText())}",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };
}
