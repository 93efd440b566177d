using System.Globalization;
using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>An image and its label as dataset.json lists them, relative to its folder.</summary>
internal sealed record ListedCase(string Image, string? Label);

/// <summary>What dataset.json says, checked key by key. Unknown keys are left alone: both formats invite them.</summary>
internal sealed class DatasetDescription
{
    public const string FileName = "dataset.json";

    private readonly string _path;
    private readonly JsonElement _root;

    private DatasetDescription(string path, JsonElement root)
    {
        _path = path;
        _root = root;
        if (root.ValueKind != JsonValueKind.Object)
            throw Broken("the whole file", "an object", root.ValueKind.ToString());
        RequireSupported();
        Layout = Has("channel_names") ? DatasetLayout.NnUnet
            : Has("modality") ? DatasetLayout.Decathlon
            : throw Broken("channel_names", "it (nnU-Net v2) or \"modality\" (Medical Segmentation Decathlon)", "neither");
        Name = Has("name") && root.GetProperty("name").ValueKind == JsonValueKind.String
            ? root.GetProperty("name").GetString()! : new DirectoryInfo(Path.GetDirectoryName(Path.GetFullPath(path))!).Name;
        ChannelNames = ByNumber(Layout == DatasetLayout.NnUnet ? "channel_names" : "modality", Entries(swapped: false));
        ClassNames = ByNumber("labels", Entries(swapped: Layout == DatasetLayout.NnUnet));
        FileEnding = Layout == DatasetLayout.NnUnet ? Text(Required("file_ending"), "file_ending") : ".nii.gz";
        if (FileEnding.Length < 2 || FileEnding[0] != '.')
            throw Broken("file_ending", "an ending such as \".nii.gz\"", Quoted(FileEnding));
        TrainingCount = Has("numTraining") ? Number(root.GetProperty("numTraining"), "numTraining") : null;
        Training = Layout == DatasetLayout.Decathlon ? Listed("training", isLabelRequired: true) : [];
        Test = Layout == DatasetLayout.Decathlon && Has("test") ? Listed("test", isLabelRequired: false) : [];
    }

    public DatasetLayout Layout { get; }

    public string Name { get; }

    public IReadOnlyList<string> ChannelNames { get; }

    public IReadOnlyList<string> ClassNames { get; }

    public string FileEnding { get; }

    public int? TrainingCount { get; }

    public IReadOnlyList<ListedCase> Training { get; }

    public IReadOnlyList<ListedCase> Test { get; }

    public static DatasetDescription Read(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path),
                new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            return new DatasetDescription(path, document.RootElement);
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException(
                $"{path}: not valid JSON at line {broken.LineNumber + 1}, byte {broken.BytePositionInLine + 1} of the line.", broken);
        }
    }

    /// <summary>The one form of every complaint: file, key, expected, got.</summary>
    public InvalidDataException Broken(string key, string expected, string got) =>
        new($"{_path}: {key}: expected {expected}, got {got}.");

    private void RequireSupported()
    {
        if (Has("dataset"))
            throw Broken("dataset", "no file list (it is not supported; put the cases into imagesTr and labelsTr)", "one");
        if (Has("regions_class_order"))
            throw Broken("regions_class_order", "no regions (they are not supported; give every class one value)", "one");
        if (!Has("labels") || _root.GetProperty("labels").ValueKind != JsonValueKind.Object)
            return;
        foreach (var label in _root.GetProperty("labels").EnumerateObject())
        {
            if (label.Value.ValueKind == JsonValueKind.Array)
                throw Broken($"labels.{label.Name}", "one value (regions made of several are not supported)", label.Value.GetRawText());
            if (label.Name == "ignore" || (label.Value.ValueKind == JsonValueKind.String && label.Value.GetString() == "ignore"))
                throw Broken($"labels.{label.Name}", "no ignore label (it is not supported)", label.Value.GetRawText());
        }
    }

    private Func<JsonProperty, string, (int Number, string Name)> Entries(bool swapped) => (entry, key) => swapped
        ? (Number(entry.Value, key), entry.Name)
        : (Number(entry.Name, key), Text(entry.Value, key));

    /// <summary>Names in the order of their numbers, which must be 0, 1, 2 … without a gap.</summary>
    private string[] ByNumber(string key, Func<JsonProperty, string, (int Number, string Name)> read)
    {
        var element = Required(key);
        if (element.ValueKind != JsonValueKind.Object)
            throw Broken(key, "an object", element.ValueKind.ToString());
        var entries = element.EnumerateObject().Select(entry => read(entry, $"{key}.{entry.Name}")).OrderBy(entry => entry.Number).ToArray();
        var numbers = entries.Select(entry => entry.Number).ToArray();
        if (numbers.Length == 0 || !numbers.SequenceEqual(Enumerable.Range(0, numbers.Length)))
            throw Broken(key, "the numbers 0, 1, 2 … each once and without a gap", $"[{string.Join(", ", numbers)}]");
        return entries.Select(entry => entry.Name).ToArray();
    }

    private List<ListedCase> Listed(string key, bool isLabelRequired)
    {
        var element = Required(key);
        if (element.ValueKind != JsonValueKind.Array)
            throw Broken(key, "a list", element.ValueKind.ToString());
        var cases = new List<ListedCase>();
        foreach (var entry in element.EnumerateArray())
        {
            string at = $"{key}[{cases.Count}]";
            if (!isLabelRequired && entry.ValueKind == JsonValueKind.String)
            {
                cases.Add(new ListedCase(entry.GetString()!, null));
                continue;
            }

            if (entry.ValueKind != JsonValueKind.Object)
                throw Broken(at, isLabelRequired ? "an object with \"image\" and \"label\"" : "a path or an object with \"image\"", entry.GetRawText());
            string image = Text(Required(entry, "image", at), $"{at}.image");
            cases.Add(new ListedCase(image,
                isLabelRequired || entry.TryGetProperty("label", out _) ? Text(Required(entry, "label", at), $"{at}.label") : null));
        }

        return cases;
    }

    private bool Has(string key) => _root.TryGetProperty(key, out _);

    private JsonElement Required(string key) =>
        _root.TryGetProperty(key, out var value) ? value : throw Broken(key, "the key", "nothing");

    private JsonElement Required(JsonElement owner, string key, string at) =>
        owner.TryGetProperty(key, out var value) ? value : throw Broken($"{at}.{key}", "the key", "nothing");

    private string Text(JsonElement value, string key) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Broken(key, "a text", value.GetRawText());

    /// <summary>Both numbers and numbers in quotes occur in the wild.</summary>
    private int Number(JsonElement value, string key) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetInt32(out int number) => number,
        JsonValueKind.String => Number(value.GetString()!, key),
        _ => throw Broken(key, "a whole number", value.GetRawText()),
    };

    private int Number(string text, string key) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
            ? number : throw Broken(key, "a whole number", Quoted(text));

    private static string Quoted(string text) => $"\"{text}\"";
}
