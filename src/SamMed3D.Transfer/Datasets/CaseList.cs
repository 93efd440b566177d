using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>
/// Reads a list of cases. CSV: a header with the columns id, image (or image_0, image_1 … for one file a channel), and, where wanted, label, subject and
/// split (train, val, test); other columns are left alone. JSON: a list of objects with these keys, or an object with "cases" that is such a list. What
/// channels and labels mean is said in the JSON itself ("channel_names", "labels"), or in a dataset.json beside the list. Paths are relative to the list.
/// </summary>
internal static class CaseList
{
    public static DatasetContent Read(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string beside = Path.Combine(folder, DatasetDescription.FileName);
        bool isJson = File.ReadAllText(path).AsSpan().TrimStart() is ['[' or '{', ..];
        var (rows, own) = isJson ? RowsOfJson(path) : (RowsOfCsv(path), null);
        var description = own ?? (File.Exists(beside) ? DatasetDescription.ReadMeanings(beside) : throw new InvalidDataException(
            $"{path}: nothing says what channels and labels mean; put a {DatasetDescription.FileName} beside it, such as "
            + "{\"channel_names\": {\"0\": \"CT\"}, \"labels\": {\"background\": 0, \"liver\": 1}}."));
        List<DatasetProblem> problems = [];
        List<string> validation = [];
        List<DatasetCase?> cases = [];
        for (var index = 0; index < rows.Count; index++)
            try
            {
                cases.Add(Case(folder, rows[index], description, problems, validation));
            }
            catch (InvalidDataException broken)
            {
                string name = rows[index].GetValueOrDefault("id") is { Length: > 0 } id ? id : $"case {index + 1}";
                problems.Add(new(ProblemSeverity.Error, DatasetProblemKind.BrokenDescription, name, "id, image and, for training, label", broken.Message, "correct the row",
                Path.GetFileName(path)));
            }

        if (rows.Count == 0 || (problems.Count == 0 && cases.All(one => one is { Part: DatasetPart.Test })))
            problems.Add(new(ProblemSeverity.Error, DatasetProblemKind.CaseCount, "all cases",
                "a row or more for training (split train or val, or no split)", "no training cases", "add them", Path.GetFileName(path)));
        return new DatasetContent(path, folder, description with { Layout = DatasetLayout.List, Name = Path.GetFileNameWithoutExtension(path) },
            DatasetFiles.Sorted(cases.OfType<DatasetCase>(), path, problems))
        {
            Problems = problems,
            ValidationIds = [.. validation.Order(StringComparer.Ordinal)],
        };
    }

    private static DatasetCase? Case(
        string folder, Dictionary<string, string> row, DatasetDescription description, List<DatasetProblem> problems, List<string> validation)
    {
        string? Cell(string key) => row.TryGetValue(key, out string? text) && text.Length > 0 ? text : null;
        string Needed(string key) => Cell(key) ?? throw new InvalidDataException($"no {key}");
        string id = Needed("id");
        if (id.IndexOfAny(Path.GetInvalidFileNameChars()) >= 0)
            throw new InvalidDataException("an id that cannot be the name of a file");
        string[] images = Cell("image") is { } single ? [single]
            : [.. Enumerable.Range(0, description.ChannelNames.Count).Select(channel => Needed($"image_{channel}"))];
        string? label = Cell("label");
        string split = Cell("split") ?? "train";
        var part = split.ToUpperInvariant() switch
        {
            "TRAIN" or "VAL" => DatasetPart.Training,
            "TEST" => DatasetPart.Test,
            _ => throw new InvalidDataException($"a split '{split}'; expected train, val or test"),
        };
        if (label is null && part == DatasetPart.Training)
            throw new InvalidDataException("no label, though it is for training; give one, or the split test");
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

    private static List<Dictionary<string, string>> RowsOfCsv(string path)
    {
        var lines = CsvRows.Of(File.ReadAllText(path)).ToList();
        if (lines.Count == 0)
            throw new InvalidDataException($"{path}: is empty; expected a header such as id,image,label,subject,split, and a line for each case.");
        string[] columns = [.. lines[0].Select(name => name.Trim())];
        if (columns is [var only] && Array.Find([';', '\t', '|'], only.Contains) is var mark and not '\0')
            throw new InvalidDataException($"{path}: expected columns separated by commas, got {(mark == '\t' ? "tabs" : $"'{mark}'")}; save it with commas.");
        if (!columns.Contains("id") || !columns.Any(name => name is "image" or "image_0"))
            throw new InvalidDataException($"{path}: expected a header with the columns id and image (or image_0, image_1 …), got {string.Join(", ", columns)}.");
        if (columns.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new InvalidDataException($"{path}: the column {twice.Key} occurs twice.");
        foreach (var (line, index) in lines.Select((line, index) => (line, index)))
            if (line.Count != columns.Length)
                throw new InvalidDataException($"{path}: row {index + 1} has {line.Count} cells; the header has {columns.Length}.");
        return [.. lines.Skip(1).Select(line => columns.Zip(line).ToDictionary(pair => pair.First, pair => pair.Second.Trim()))];
    }

    private static (List<Dictionary<string, string>> Rows, DatasetDescription? Description) RowsOfJson(string path) =>
        LenientJson.Read<(List<Dictionary<string, string>>, DatasetDescription?)>(path, root =>
        {
            var list = root.ValueKind == JsonValueKind.Object ? root.TryGetProperty("cases", out var cases) ? cases : default : root;
            if (list.ValueKind != JsonValueKind.Array || list.EnumerateArray().Any(one => one.ValueKind != JsonValueKind.Object))
                throw new InvalidDataException($"{path}: expected a list of cases, or an object with \"cases\" that is one: {{\"id\": …, \"image\": …, \"label\": …}}.");
            return (
                [.. list.EnumerateArray().Select(one => one.EnumerateObject().ToDictionary(
                    key => key.Name, key => key.Value.ValueKind == JsonValueKind.String ? key.Value.GetString()! : key.Value.ValueKind == JsonValueKind.Null ? "" : key.Value.GetRawText()))],
                root.ValueKind == JsonValueKind.Object && root.TryGetProperty("labels", out _) ? DatasetDescription.Meanings(path, root) : null);
        });
}
