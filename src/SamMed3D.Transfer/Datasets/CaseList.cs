using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace SamMed3D.Transfer;

/// <summary>
/// Reads a list of cases. CSV: a header with the columns id, image (or image_0, image_1 … for one file a channel), and, where wanted, label, subject and
/// split (train, val, test), in any case of letters; other columns are named in a note. JSON: a list of objects with these keys, where image may be a
/// list of files, or an object with "cases" that is such a list. What channels and labels mean is said in the JSON itself ("channel_names", "labels"), or in a
/// dataset.json beside the list. Paths are relative to the list; an image may be a folder with a DICOM series.
/// </summary>
internal static partial class CaseList
{
    private const int MostShown = 8;

    private static readonly string[] Keys = ["id", "image", "label", "subject", "split"];

    /// <summary>A case as it is listed.</summary>
    /// <param name="Place">Such as "line 4" or "case 3".</param>
    /// <param name="Cells">By key, in small letters.</param>
    /// <param name="Fault">Why it cannot be used; null where nothing is wrong with its form.</param>
    private sealed record Row(string Place, Dictionary<string, string> Cells, string? Fault = null);

    public static DatasetContent Read(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string beside = Path.Combine(folder, DatasetDescription.FileName);
        byte[] bytes = File.ReadAllBytes(path);
        if (bytes.AsSpan(0, Math.Min(bytes.Length, 4096)).Contains((byte)0))
            throw new InvalidDataException($"{path}: expected the folder of a data set, or a list of cases (.csv, .json) in UTF-8, got a binary file.");
        string text = Encoding.UTF8.GetString(bytes);
        bool isJson = text.AsSpan().TrimStart('\uFEFF').TrimStart() is ['[' or '{', ..];
        var (rows, own) = isJson ? RowsOfJson(path) : (RowsOfCsv(path, text), null);
        var description = own ?? (File.Exists(beside) ? DatasetDescription.ReadMeanings(beside) : throw new InvalidDataException(
            $"{path}: nothing says what channels and labels mean; put a {DatasetDescription.FileName} beside it, such as "
            + "{\"channel_names\": {\"0\": \"CT\"}, \"labels\": {\"background\": 0, \"liver\": 1}}."));
        string name = Path.GetFileName(path);
        List<DatasetProblem> problems = [];
        List<string> validation = [];
        CheckKeys(rows, name, problems);
        List<DatasetCase?> cases = [];
        foreach (var row in rows)
            try
            {
                cases.Add(Case(folder, row, description, problems, validation));
            }
            catch (InvalidDataException broken)
            {
                string named = row.Cells.GetValueOrDefault("id") is { Length: > 0 } id ? id : row.Place;
                problems.Add(new(ProblemSeverity.Error, DatasetProblemKind.BrokenDescription, named, "id, image and, for training, label", $"{broken.Message} ({row.Place})",
                    "correct the row", name));
            }

        if (rows.Count == 0 || (cases.Count == rows.Count && cases.All(one => one is { Part: DatasetPart.Test })))
            problems.Add(new(ProblemSeverity.Error, DatasetProblemKind.CaseCount, "all cases",
                "a row or more for training (split train or val, or no split)", "no training cases", "add them", name));
        return new DatasetContent(path, folder, description with { Layout = DatasetLayout.List, Name = Path.GetFileNameWithoutExtension(path) },
            DatasetFiles.Sorted(cases.OfType<DatasetCase>(), path, problems))
        {
            Problems = problems,
            ValidationIds = [.. validation.Order(StringComparer.Ordinal)],
        };
    }

    /// <summary>A misspelt "split" would train on what is meant for testing.</summary>
    private static void CheckKeys(List<Row> rows, string name, List<DatasetProblem> problems)
    {
        List<string> unused = [];
        foreach (string key in rows.SelectMany(row => row.Cells.Keys).Distinct(StringComparer.Ordinal).Where(key => !Keys.Contains(key) && !ImageOfChannel().IsMatch(key)))
            if (Array.Find(Keys, known => IsMeant(key, known)) is { } meant)
                problems.Add(new(ProblemSeverity.Error, DatasetProblemKind.BrokenDescription, "all cases", "id, image (or image_0, image_1 …), label, subject, split",
                    $"{key} (did you mean '{meant}'?)", "correct the name", name));
            else
                unused.Add(key);
        if (unused.Count > 0)
            problems.Add(new(ProblemSeverity.Note, DatasetProblemKind.UnusedKey, "all cases", "id, image (or image_0, image_1 …), label, subject, split",
                $"also {string.Join(", ", unused.Take(MostShown))}{(unused.Count > MostShown ? " …" : "")}", "fine if nothing here is meant by them", name));
    }

    /// <summary>Short for it, its plural, with an ending that people add, or a slip of the keyboard; "stage" is no image.</summary>
    private static bool IsMeant(string key, string known) =>
        (key.Length > 2 && known.StartsWith(key, StringComparison.Ordinal))
        || (key.StartsWith(known, StringComparison.Ordinal) && key[known.Length..] is "s" or "_path" or "_file" or "_id")
        || (known.Length > 3 && (ConfigNames.Distance(key, known) < 2 || key.Order().SequenceEqual(known.Order())));

    private static DatasetCase? Case(string folder, Row row, DatasetDescription description, List<DatasetProblem> problems, List<string> validation)
    {
        if (row.Fault is { } fault)
            throw new InvalidDataException(fault);
        string? Cell(string key) => row.Cells.TryGetValue(key, out string? text) && text.Length > 0 ? text : null;
        string Needed(string key) => Cell(key) ?? throw new InvalidDataException($"no {key}");
        string id = Needed("id");
        if (id.IndexOfAny(Path.GetInvalidFileNameChars()) >= 0)
            throw new InvalidDataException("an id that cannot be the name of a file");
        string[] images = Cell("image") is { } single ? [single]
            : description.ChannelNames.Count == 1 && Cell("image_0") is null ? [Needed("image")]
            : [.. Enumerable.Range(0, description.ChannelNames.Count).Select(channel => Needed($"image_{channel}"))];
        if (Cell($"image_{description.ChannelNames.Count}") is not null)
            throw new InvalidDataException($"more images than the {description.ChannelNames.Count} channel(s) of the data set");
        string? label = Cell("label");
        string split = Cell("split") ?? "train";
        var part = split.ToUpperInvariant() switch
        {
            "TRAIN" or "VAL" => DatasetPart.Training,
            "TEST" => DatasetPart.Test,
            _ => throw new InvalidDataException($"a split '{split}'; expected train, val or test"),
        };
        if (label is null && part == DatasetPart.Training)
            throw new InvalidDataException((row.Cells.ContainsKey("label") ? "no label" : "no key or column 'label'") + ", though it is for training; give one, or the split test");
        // A folder may be a DICOM series; whether it is one shows when it is opened.
        string[] missing = [.. images.Where(image => !Directory.Exists(Path.Combine(folder, image))).Append(label).OfType<string>()
            .Where(file => !DatasetFiles.IsThere(Path.Combine(folder, file)))];
        problems.AddRange(missing.Select(file => DatasetFiles.Missing(folder, id, file)));
        if (missing.Length > 0)
            return null;
        if (string.Equals(split, "val", StringComparison.OrdinalIgnoreCase))
            validation.Add(id);
        string Full(string file) => Path.GetFullPath(Path.Combine(folder, file));
        return new DatasetCase(id, [.. images.Select(Full)], label is null ? null : Full(label), part) { Subject = Cell("subject") ?? id };
    }

    private static List<Row> RowsOfCsv(string path, string text)
    {
        List<(int Number, List<string> Cells)> lines;
        try
        {
            lines = [.. CsvRows.Of(text)];
        }
        catch (InvalidDataException torn)
        {
            throw new InvalidDataException($"{path}: {torn.Message}.", torn);
        }

        if (lines.Count == 0)
            throw new InvalidDataException($"{path}: is empty; expected a header such as id,image,label,subject,split, and a line for each case.");
        string[] columns = [.. lines[0].Cells.Select(name => name.Trim().ToLowerInvariant())];
        if (columns is [var only] && Array.Find([';', '\t', '|'], only.Contains) is var mark and not '\0')
            throw new InvalidDataException($"{path}: expected columns separated by commas, got {(mark == '\t' ? "tabs" : $"'{mark}'")}; save it with commas.");
        if (!columns.Contains("id") || !columns.Any(name => name is "image" or "image_0"))
            throw new InvalidDataException($"{path}: expected a header with the columns id and image (or image_0, image_1 …), got {BrokenFile.Quote(string.Join(", ", columns))}.");
        if (columns.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new InvalidDataException($"{path}: the column {twice.Key} occurs twice.");
        return [.. lines.Skip(1).Select(line => new Row(
            $"line {line.Number}",
            columns.Zip(line.Cells).ToDictionary(pair => pair.First, pair => pair.Second.Trim()),
            line.Cells.Count == columns.Length ? null : $"{line.Cells.Count} cells where the header has {columns.Length}"))];
    }

    private static (List<Row> Rows, DatasetDescription? Description) RowsOfJson(string path) =>
        LenientJson.Read<(List<Row>, DatasetDescription?)>(path, root =>
        {
            var list = root.ValueKind == JsonValueKind.Object ? root.TryGetProperty("cases", out var cases) ? cases : default : root;
            if (list.ValueKind != JsonValueKind.Array || list.EnumerateArray().Any(one => one.ValueKind != JsonValueKind.Object))
                throw new InvalidDataException($"{path}: expected a list of cases, or an object with \"cases\" that is one: {{\"id\": …, \"image\": …, \"label\": …}}.");
            return (
                [.. list.EnumerateArray().Select((one, index) => RowOf($"case {index + 1}", one))],
                root.ValueKind == JsonValueKind.Object && root.TryGetProperty("labels", out _) ? DatasetDescription.Meanings(path, root) : null);
        });

    private static Row RowOf(string place, JsonElement one)
    {
        var cells = new Dictionary<string, string>(StringComparer.Ordinal);
        string? fault = null;
        foreach (var entry in one.EnumerateObject())
        {
            string key = entry.Name.ToLowerInvariant();
            if (key == "image" && entry.Value.ValueKind == JsonValueKind.Array && entry.Value.EnumerateArray().All(file => file.ValueKind == JsonValueKind.String))
                foreach (var (file, channel) in entry.Value.EnumerateArray().Select((file, channel) => (file, channel)))
                    cells[$"image_{channel}"] = file.GetString()!;
            else if (entry.Value.ValueKind == JsonValueKind.String || !(key is "image" or "label" or "split" || ImageOfChannel().IsMatch(key)))
                cells[key] = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : entry.Value.ValueKind == JsonValueKind.Null ? ""
                    : entry.Value.GetRawText();
            else if (entry.Value.ValueKind != JsonValueKind.Null)
                fault ??= $"{entry.Name}: expected a text, got {BrokenFile.Quote(entry.Value.GetRawText())}";
        }

        return new Row(place, cells, fault);
    }

    [GeneratedRegex(@"^image_\d+$")]
    private static partial Regex ImageOfChannel();
}
