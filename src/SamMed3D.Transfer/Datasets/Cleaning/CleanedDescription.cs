using System.Text.Json;
using System.Text.Json.Nodes;

namespace SamMed3D.Transfer;

/// <summary>The dataset.json and splits_final.json of a cleaned data set: those of the input with other labels and without the cases left out.</summary>
internal static class CleanedDescription
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static void Write(string folder, DatasetManifest manifest, CleaningReport report)
    {
        var leftOut = report.Cases.Where(one => one.IsLeftOut).Select(one => one.Id).ToHashSet(StringComparer.Ordinal);
        var description = Read(Path.Combine(manifest.Root, DatasetDescription.FileName)).AsObject();
        var labels = new JsonObject();
        for (var label = 0; label < report.ClassNames.Count; label++)
            if (manifest.Layout == DatasetLayout.NnUnet)
                labels[label == 0 ? manifest.ClassNames[0] : report.ClassNames[label]] = label;
            else
                labels[$"{label}"] = label == 0 ? manifest.ClassNames[0] : report.ClassNames[label];
        description["labels"] = labels;
        foreach (var (key, part) in new[] { ("numTraining", DatasetPart.Training), ("numTest", DatasetPart.Test) })
            if (description.ContainsKey(key))
                description[key] = report.Cases.Count(one => one.Part == part && !one.IsLeftOut);
        if (manifest.Layout == DatasetLayout.Decathlon)
            foreach (string list in new[] { "training", "test" })
                if (description[list] is JsonArray entries)
                    description[list] = new JsonArray([.. entries.Where(entry => !leftOut.Contains(IdOf(entry!))).Select(entry => entry!.DeepClone())]);
        Save(Path.Combine(folder, DatasetDescription.FileName), description);

        string splits = Path.Combine(manifest.Root, DataSplit.FileName);
        if (!File.Exists(splits))
            return;
        _ = DataSplit.Open(splits, manifest.TrainingCases.Select(one => one.Id));
        var folds = Read(splits).AsArray();
        foreach (var fold in folds)
            foreach (string side in new[] { "train", "val" })
                if (fold![side] is JsonArray ids)
                    fold[side] = new JsonArray([.. ids.Where(id => !leftOut.Contains(id!.GetValue<string>())).Select(id => id!.DeepClone())]);
        Save(Path.Combine(folder, DataSplit.FileName), folds);
    }

    /// <summary>A listed case is named by its image, as in <see cref="DatasetFiles"/>.</summary>
    private static string IdOf(JsonNode entry)
    {
        string image = Path.GetFileName(entry is JsonObject pair ? pair["image"]!.GetValue<string>() : entry.GetValue<string>());
        return VolumeEnding.Without(image);
    }

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
