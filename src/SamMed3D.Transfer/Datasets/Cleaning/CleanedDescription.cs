using System.Text.Json;
using System.Text.Json.Nodes;

namespace SamMed3D.Transfer;

/// <summary>
/// The dataset.json (SAM-Med3D's tree has none) and splits_final.json of a cleaned data set: those of the input with other labels and without
/// the cases left out.
/// </summary>
internal static class CleanedDescription
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static void Write(string folder, CleaningSource source, DatasetManifest manifest, CleaningReport report)
    {
        var newIds = source.Items.Zip(report.Cases).ToDictionary(pair => pair.First.Id, pair => NewIds(pair.First, pair.Second), StringComparer.Ordinal);
        if (!source.IsTree)
            WriteDescription(folder, manifest, report, newIds);
        string splits = Path.Combine(manifest.Root, DataSplit.FileName);
        if (File.Exists(splits))
            WriteSplits(folder, splits, manifest, newIds);
    }

    /// <summary>None for a case that is left out; in a tree one for each organ folder that it goes into.</summary>
    private static string[] NewIds(CleaningItem item, CleanedCase one) =>
        one.IsLeftOut ? [] : one.OrganFolders is { } folders ? [.. folders.Select(folder => OrganTree.Id(folder, item.Subject))] : [one.Id];

    private static void WriteDescription(string folder, DatasetManifest manifest, CleaningReport report, Dictionary<string, string[]> newIds)
    {
        var description = Read(Path.Combine(manifest.Root, DatasetDescription.FileName)).AsObject();
        var labels = new JsonObject();
        foreach (var (name, label) in report.NamedLabels)
            if (manifest.Layout == DatasetLayout.NnUnet)
                labels[label == 0 ? manifest.ClassNames[0] : name] = label;
            else
                labels[$"{label}"] = label == 0 ? manifest.ClassNames[0] : name;
        description["labels"] = labels;
        foreach (var (key, part) in new[] { ("numTraining", DatasetPart.Training), ("numTest", DatasetPart.Test) })
            if (description.ContainsKey(key))
                description[key] = report.Cases.Count(one => one.Part == part && !one.IsLeftOut);
        if (manifest.Layout == DatasetLayout.Decathlon)
            foreach (string list in new[] { "training", "test" })
                if (description[list] is JsonArray entries)
                    description[list] = new JsonArray([.. entries.Where(entry => newIds[IdOf(entry!)].Length > 0).Select(entry => entry!.DeepClone())]);
        if (manifest.Layout == DatasetLayout.NnUnet && description["dataset"] is JsonObject files)
            foreach (string leftOut in files.Select(entry => entry.Key).Where(id => newIds[id].Length == 0).ToList())
                files.Remove(leftOut);
        Save(Path.Combine(folder, DatasetDescription.FileName), description);
    }

    private static void WriteSplits(string folder, string splits, DatasetManifest manifest, Dictionary<string, string[]> newIds)
    {
        _ = DataSplit.Open(splits, manifest.TrainingCases.Select(one => one.Id));
        var folds = Read(splits).AsArray();
        for (var fold = 0; fold < folds.Count; fold++)
            foreach (string side in new[] { "train", "val" })
            {
                string[] kept = [.. folds[fold]![side]!.AsArray().SelectMany(id => newIds[id!.GetValue<string>()])];
                if (kept.Length == 0)
                    throw new InvalidDataException($"{splits}: fold {fold}: no case of \"{side}\" keeps a mask under these rules; take the file away, or make folds that keep some.");
                folds[fold]![side] = new JsonArray([.. kept.Select(id => JsonValue.Create(id))]);
            }

        Save(Path.Combine(folder, DataSplit.FileName), folds);
    }

    private static string IdOf(JsonNode entry) => DatasetFiles.Named(entry is JsonObject pair ? pair["image"]!.GetValue<string>() : entry.GetValue<string>()).Id;

    private static JsonNode Read(string path)
    {
        try
        {
            return JsonNode.Parse(LenientJson.BytesOf(path).Span, documentOptions: LenientJson.Options)!;
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException($"{path}: not valid JSON: {broken.Message}", broken);
        }
    }

    private static void Save(string path, JsonNode node) => AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, node, Indented));
}
