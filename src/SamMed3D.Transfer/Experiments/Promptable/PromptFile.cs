using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>
/// Prompts of several objects as JSON: <c>{"space": "voxel", "objects": [{"clicks": [{"at": [60, 70, 50]}, {"at": [64, 70, 50], "foreground": false}],
/// "boxes": [{"from": [40, 50, 30], "to": [80, 90, 70]}], "mask": "liver.nii.gz"}]}</c>. "space" may be "world" (mm, RAS+); each object needs one
/// kind of prompt at least.
/// </summary>
public static class PromptFile
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It has another form; the message has the path and the place.</exception>
    public static IReadOnlyList<PromptSet> Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: no such file; expected clicks as JSON.", path);
        using var document = StrictJson.Parse(File.ReadAllBytes(path), path);
        var space = CoordinateSpace.Voxel;
        IReadOnlyList<PromptSet>? objects = null;
        JsonElement? list = null;
        foreach (var (name, value) in StrictJson.Members(document.RootElement, path))
            switch (name)
            {
                case "space":
                    space = StrictJson.Text(value, $"{path}: space") switch
                    {
                        "voxel" => CoordinateSpace.Voxel,
                        "world" => CoordinateSpace.World,
                        var other => throw new InvalidDataException($"{path}: space: expected \"voxel\" or \"world\", got {BrokenFile.Quote(other)}"),
                    };
                    break;
                case "objects":
                    list = value;
                    break;
                default:
                    throw Unknown(path, name, "space, objects");
            }

        if (list is { ValueKind: JsonValueKind.Array } array)
            objects = [.. array.EnumerateArray().Select((one, index) => ReadObject(one, $"{path}: objects[{index}]", space, Path.GetDirectoryName(Path.GetFullPath(path))!))];
        return objects is { Count: > 0 }
            ? objects
            : throw new InvalidDataException($"{path}: expected \"objects\" with one object or more, each with its clicks.");
    }

    private static PromptSet ReadObject(JsonElement element, string where, CoordinateSpace space, string folder)
    {
        var prompts = new PromptSet();
        foreach (var (name, value) in StrictJson.Members(element, where))
            prompts = name switch
            {
                "clicks" => prompts with { Clicks = [.. Items(value, $"{where}.clicks").Select(item => ReadClick(item.Element, item.Where, space))] },
                "boxes" => prompts with { Boxes = [.. Items(value, $"{where}.boxes").Select(item => ReadBox(item.Element, item.Where, space))] },
                "mask" => prompts with { MaskPath = Path.Combine(folder, StrictJson.Text(value, $"{where}.mask")) },
                _ => throw Unknown(where, name, "clicks, boxes, mask"),
            };
        return prompts.IsEmpty ? throw new InvalidDataException($"{where}: has no prompt; give clicks, boxes or a mask") : prompts;
    }

    private static Click ReadClick(JsonElement element, string where, CoordinateSpace space)
    {
        Double3? at = null;
        bool isForeground = true;
        foreach (var (name, value) in StrictJson.Members(element, where))
            switch (name)
            {
                case "at":
                    at = Place(value, $"{where}.at");
                    break;
                case "foreground":
                    isForeground = value.ValueKind is JsonValueKind.True or JsonValueKind.False
                        ? value.GetBoolean()
                        : throw new InvalidDataException($"{where}.foreground: expected true or false");
                    break;
                default:
                    throw Unknown(where, name, "at, foreground");
            }

        return new Click(at ?? throw new InvalidDataException($"{where}: \"at\" is missing"), isForeground, space);
    }

    private static BoxPrompt ReadBox(JsonElement element, string where, CoordinateSpace space)
    {
        Double3? from = null, to = null;
        foreach (var (name, value) in StrictJson.Members(element, where))
            switch (name)
            {
                case "from":
                    from = Place(value, $"{where}.from");
                    break;
                case "to":
                    to = Place(value, $"{where}.to");
                    break;
                default:
                    throw Unknown(where, name, "from, to");
            }

        return new BoxPrompt(
            from ?? throw new InvalidDataException($"{where}: \"from\" is missing"), to ?? throw new InvalidDataException($"{where}: \"to\" is missing"), space);
    }

    private static Double3 Place(JsonElement element, string where)
    {
        if (element.ValueKind != JsonValueKind.Array || element.GetArrayLength() != 3
            || element.EnumerateArray().Any(number => number.ValueKind != JsonValueKind.Number || !double.IsFinite(number.GetDouble())))
            throw new InvalidDataException($"{where}: expected three numbers such as [60, 70, 50]");
        return new Double3(element[0].GetDouble(), element[1].GetDouble(), element[2].GetDouble());
    }

    private static IEnumerable<(JsonElement Element, string Where)> Items(JsonElement element, string where) =>
        element.ValueKind == JsonValueKind.Array
            ? element.EnumerateArray().Select((item, index) => (item, $"{where}[{index}]"))
            : throw new InvalidDataException($"{where}: expected a list");

    private static InvalidDataException Unknown(string where, string name, string known) =>
        new($"{where}: unknown name {BrokenFile.Quote(name)}; expected {known}");
}
