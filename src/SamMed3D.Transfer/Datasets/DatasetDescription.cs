using System.Globalization;
using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>An image and its label as dataset.json lists them, relative to its folder.</summary>
internal sealed record ListedCase(string Image, string? Label);

/// <summary>What dataset.json says, checked key by key. Unknown keys are left alone: the formats invite them.</summary>
internal sealed record DatasetDescription
{
    public const string FileName = "dataset.json";

    public const string IgnoreName = "ignore";

    private readonly string _path;
    private readonly JsonElement _root;

    /// <param name="path">Named in messages.</param>
    /// <param name="root">The object.</param>
    /// <param name="hasFiles">Whether it also says which files there are; else it says only what channels and labels mean.</param>
    private DatasetDescription(string path, JsonElement root, bool hasFiles)
    {
        _path = path;
        _root = root;
        if (root.ValueKind != JsonValueKind.Object)
            throw Broken("the whole file", "an object", root.ValueKind.ToString());
        Layout = Has("channel_names") ? DatasetLayout.NnUnet
            : Has("modality") ? DatasetLayout.Decathlon
            : throw Broken("channel_names", "it (nnU-Net v2) or \"modality\" (Medical Segmentation Decathlon)", "neither");
        Name = Has("name") && root.GetProperty("name").ValueKind == JsonValueKind.String
            ? root.GetProperty("name").GetString()! : new DirectoryInfo(Path.GetDirectoryName(Path.GetFullPath(path))!).Name;
        ChannelNames = ByNumber("channel_names", Entries(Layout == DatasetLayout.NnUnet ? "channel_names" : "modality", swapped: false));
        (Labels, Background) = Layout == DatasetLayout.NnUnet && HasRegions ? Regions() : Classes();
        if (!hasFiles)
            return;
        FileEnding = Layout == DatasetLayout.NnUnet ? Text(Required("file_ending"), "file_ending") : ".nii.gz";
        if (FileEnding.Length < 2 || FileEnding[0] != '.')
            throw Broken("file_ending", "an ending such as \".nii.gz\"", Quoted(FileEnding));
        TrainingCount = Has("numTraining") ? Number(root.GetProperty("numTraining"), "numTraining") : null;
        TestCount = Has("numTest") ? Number(root.GetProperty("numTest"), "numTest") : null;
        Training = Layout == DatasetLayout.Decathlon ? Listed("training", isLabelRequired: true) : [];
        Test = Layout == DatasetLayout.Decathlon && Has("test") ? Listed("test", isLabelRequired: false) : [];
        ListedFiles = Layout == DatasetLayout.NnUnet && Has("dataset") ? FilesById() : null;
    }

    public DatasetLayout Layout { get; init; }

    public string Name { get; init; }

    public IReadOnlyList<string> ChannelNames { get; }

    public LabelScheme Labels { get; }

    public string Background { get; }

    public string FileEnding { get; } = ".nii.gz";

    public int? TrainingCount { get; }

    public int? TestCount { get; }

    public IReadOnlyList<ListedCase> Training { get; } = [];

    public IReadOnlyList<ListedCase> Test { get; } = [];

    /// <summary>nnU-Net v2's "dataset": the training cases by id, with all their files; null where they are found on disk.</summary>
    public IReadOnlyDictionary<string, (IReadOnlyList<string> Images, string Label)>? ListedFiles { get; }

    /// <summary>A name for each value of the label maps, 0 first.</summary>
    public IReadOnlyList<string> ClassNames =>
        [.. Enumerable.Range(0, Labels.ValueCount).Select(value => value == 0 ? Background
            : Labels.Structures.FirstOrDefault(structure => structure.Values is [var only] && only == value)?.Name ?? $"label {value}")];

    public static DatasetDescription Read(string path) => Read(path, hasFiles: true);

    /// <summary>What channels and labels mean, of a file that need not say which files there are.</summary>
    public static DatasetDescription ReadMeanings(string path) => Read(path, hasFiles: false);

    /// <summary>What channels and labels mean, of JSON that was read already.</summary>
    public static DatasetDescription Meanings(string path, JsonElement root) => new(path, root, hasFiles: false);

    /// <summary>One channel, and label maps of one structure.</summary>
    public static DatasetDescription OfOneStructure(string name, string channel)
    {
        using var document = JsonDocument.Parse(
            $$"""{ "channel_names": { "0": "{{channel}}" }, "labels": { "background": 0, "foreground": 1 } }""");
        return Meanings(FileName, document.RootElement.Clone()) with { Layout = DatasetLayout.SamMed3D, Name = name };
    }

    private static DatasetDescription Read(string path, bool hasFiles) => LenientJson.Read(path, root => new DatasetDescription(path, root, hasFiles));

    /// <summary>The one form of every complaint: file, key, expected, got.</summary>
    public InvalidDataException Broken(string key, string expected, string got) =>
        new($"{_path}: {key}: expected {expected}, got {got}.");

    private bool HasRegions => Has("labels") && _root.GetProperty("labels") is { ValueKind: JsonValueKind.Object } labels
        && labels.EnumerateObject().Any(label => label.Value.ValueKind == JsonValueKind.Array);

    private (LabelScheme, string) Classes()
    {
        var entries = Entries("labels", swapped: Layout == DatasetLayout.NnUnet);
        int? ignored = entries.Where(entry => entry.Name == IgnoreName).Select(entry => (int?)entry.Number).FirstOrDefault();
        if (ignored is { } value && entries.Exists(entry => entry.Name != IgnoreName && entry.Number > value))
            throw Broken("labels.ignore", "a value above those of all classes, as nnU-Net wants it", $"{value}");
        string[] names = ByNumber("labels", [.. entries.Where(entry => entry.Name != IgnoreName)]);
        return names.Length > 1 ? (Fitting(LabelScheme.Classes(names[1..], ignored)), names[0])
            : throw Broken("labels", "a class or more beside the background", $"[{string.Join(", ", names)}]");
    }

    private (LabelScheme, string) Regions()
    {
        List<LabelRegion> regions = [];
        int? ignored = null;
        string background = "background";
        foreach (var label in Required("labels").EnumerateObject())
        {
            string at = $"labels.{label.Name}";
            int[] values = label.Value.ValueKind == JsonValueKind.Array
                ? [.. label.Value.EnumerateArray().Select(value => Number(value, at))] : [Number(label.Value, at)];
            if (label.Name == IgnoreName)
                ignored = values is [var only] ? only : throw Broken(at, "one value", label.Value.GetRawText());
            else if (values is [0])
                background = label.Name;
            else
                regions.Add(new LabelRegion { Name = label.Name, Values = [.. values.Distinct().Order()] });
        }

        var order = Required("regions_class_order");
        if (order.ValueKind != JsonValueKind.Array)
            throw Broken("regions_class_order", "a list of values, one for each region in the order of labels", order.GetRawText());
        return (Fitting(new LabelScheme
        {
            Structures = regions,
            IgnoreValue = ignored,
            RegionClassOrder = [.. order.EnumerateArray().Select(value => Number(value, "regions_class_order"))],
        }), background);
    }

    private LabelScheme Fitting(LabelScheme scheme)
    {
        try
        {
            return scheme.Validated();
        }
        catch (ArgumentException misfit)
        {
            string reason = misfit.Message.Split(" (Parameter", 2)[0].Replace(nameof(LabelScheme.RegionClassOrder), "regions_class_order", StringComparison.Ordinal)
                .Replace(nameof(LabelScheme.IgnoreValue), "the ignore label", StringComparison.Ordinal);
            throw new InvalidDataException($"{_path}: labels: {reason}", misfit);
        }
    }

    private Dictionary<string, (IReadOnlyList<string> Images, string Label)> FilesById()
    {
        var element = Required("dataset");
        if (element.ValueKind != JsonValueKind.Object)
            throw Broken("dataset", "an object of cases with \"images\" and \"label\"", element.ValueKind.ToString());
        var files = new Dictionary<string, (IReadOnlyList<string>, string)>(StringComparer.Ordinal);
        foreach (var one in element.EnumerateObject())
        {
            string at = $"dataset.{one.Name}";
            if (one.Value.ValueKind != JsonValueKind.Object)
                throw Broken(at, "an object with \"images\" and \"label\"", one.Value.GetRawText());
            var images = Required(one.Value, "images", at);
            if (images.ValueKind != JsonValueKind.Array || images.GetArrayLength() != ChannelNames.Count)
                throw Broken($"{at}.images", $"a list of {ChannelNames.Count} file(s), one a channel", images.GetRawText());
            files[one.Name] = ([.. images.EnumerateArray().Select(path => Text(path, $"{at}.images"))], Text(Required(one.Value, "label", at), $"{at}.label"));
        }

        return files;
    }

    private List<(int Number, string Name)> Entries(string key, bool swapped)
    {
        var element = Required(key);
        if (element.ValueKind != JsonValueKind.Object)
            throw Broken(key, "an object", element.ValueKind.ToString());
        return [.. element.EnumerateObject().Select(entry => swapped
            ? (Number(entry.Value, $"{key}.{entry.Name}"), entry.Name)
            : (Number(entry.Name, $"{key}.{entry.Name}"), Text(entry.Value, $"{key}.{entry.Name}")))];
    }

    /// <summary>Names in the order of their numbers, which must be 0, 1, 2 … without a gap.</summary>
    private string[] ByNumber(string key, List<(int Number, string Name)> entries)
    {
        var sorted = entries.OrderBy(entry => entry.Number).ToArray();
        var numbers = sorted.Select(entry => entry.Number).ToArray();
        if (numbers.Length == 0 || !numbers.SequenceEqual(Enumerable.Range(0, numbers.Length)))
            throw Broken(key, "the numbers 0, 1, 2 … each once and without a gap", $"[{string.Join(", ", numbers)}]");
        return sorted.Select(entry => entry.Name).ToArray();
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
