namespace SamMed3D.Transfer;

/// <summary>
/// Tells whether weights have seen a data set. It says "seen" on the data set's name, "not seen" only where that is published or stated, and "unknown" otherwise:
/// absence from a list proves nothing.
/// </summary>
public static class SeenInPretraining
{
    /// <summary>Checks one data set.</summary>
    /// <param name="dataset">What it says of itself. What the user stated goes before everything else.</param>
    /// <param name="corpus">What the weights were trained on.</param>
    /// <param name="known">What the weights' own manifest says they were trained on (<see cref="CheckpointManifest.Data"/>).</param>
    /// <param name="cases">The ids of the cases that are compared on; may be empty.</param>
    /// <param name="isAllKnown">Whether that is all they were trained on: the weights and what they started from are this library's.</param>
    public static SeenStamp Check(
        DatasetIdentity dataset, PretrainingCorpus corpus, IReadOnlyList<SeenData>? known = null, IReadOnlyCollection<string>? cases = null, bool isAllKnown = false)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var stamp = dataset.Stated is { } stated ? new SeenStamp(stated, "As stated in the configuration.")
            : ByManifest(dataset, known ?? [], cases ?? [], isAllKnown) ?? ByCorpus(dataset, corpus);
        return corpus == PretrainingCorpus.SamMed3D ? stamp with { Targets = Targets(dataset.ClassNames) } : stamp;
    }

    private static SeenStamp? ByManifest(DatasetIdentity dataset, IReadOnlyList<SeenData> known, IReadOnlyCollection<string> cases, bool isAllKnown)
    {
        SeenData[] same = [.. known.Where(one => DatasetName.Compact(one.Dataset) == DatasetName.Compact(dataset.Name))];
        // A case of the same name under another data set's may be the same case.
        if (same.Length == 0)
            return isAllKnown && known.Count > 0 && !known.SelectMany(one => one.Cases).Intersect(cases, StringComparer.Ordinal).Any()
                ? new SeenStamp(SeenStatus.NotSeen, $"The weights' manifest names all that they were trained on: {string.Join(", ", known.Select(one => one.Dataset).Distinct())}.")
                : null;
        int shared = same.SelectMany(one => one.Cases).Intersect(cases, StringComparer.Ordinal).Count();
        return new SeenStamp(SeenStatus.Seen, shared > 0
            ? $"The weights' manifest names {shared} of the compared cases."
            : "The weights' manifest names this data set, with other cases.");
    }

    private static SeenStamp ByCorpus(DatasetIdentity dataset, PretrainingCorpus corpus) => corpus switch
    {
        PretrainingCorpus.SegmentAnything => new SeenStamp(SeenStatus.NotSeen, "The 2D SAM was trained on photographs (SA-1B)."),
        PretrainingCorpus.SamMed3D => ByList(dataset),
        _ => new SeenStamp(SeenStatus.Unknown, "What these weights were trained on is not known."),
    };

    private static SeenStamp ByList(DatasetIdentity dataset)
    {
        if (DatasetName.Compact(dataset.Name).StartsWith(DatasetName.Compact(SyntheticAnatomy.Name), StringComparison.Ordinal))
            return new SeenStamp(SeenStatus.NotSeen, "It was made by this program.");
        string[] names = [.. new[] { dataset.Name, dataset.Folder }.Where(name => name.Length > 0)];
        PretrainingDataset[] named = [.. PretrainingDataset.All.Where(one => names.Any(name => IsNamed(one, name)))];
        PretrainingDataset[] certain = [.. named.Where(one => !one.IsAmbiguous || one.Hints.Any(hint => DatasetName.Holds($"{dataset.Reference} {dataset.Name} {dataset.Folder}", hint)))];
        if (certain.FirstOrDefault(one => one.Use != PretrainingUse.ValidationOnly) is { } seen)
            return new SeenStamp(SeenStatus.Seen, $"{seen.Name} is in SA-Med3D-140K"
                + (seen.Use == PretrainingUse.PretrainingAndFineTuning ? " and in the turbo checkpoint's fine-tuning" : "") + $" ({seen.Source}).");
        if (PretrainingDataset.All.FirstOrDefault(one => one.Contains.Any(inner => names.Any(name => DatasetName.Holds(name, inner)))) is { } whole)
            return new SeenStamp(SeenStatus.Seen, $"{whole.Name}, which is in SA-Med3D-140K, contains its images ({whole.Source}).");
        if (named.FirstOrDefault(one => one.Use != PretrainingUse.ValidationOnly) is { } perhaps)
            return new SeenStamp(SeenStatus.Unknown, $"It may be {perhaps.Name}, which is in SA-Med3D-140K; neither its reference nor its description tells.");
        if (certain.FirstOrDefault() is { } validation)
            return new SeenStamp(SeenStatus.NotSeen, $"{validation.Name} was not trained on ({validation.Source}).");
        return new SeenStamp(SeenStatus.Unknown, "It is on none of the published lists, but SA-Med3D-140K also has 24 private sets.");
    }

    private static bool IsNamed(PretrainingDataset one, string name) =>
        one.Aliases.Append(one.Name).Any(alias => DatasetName.Holds(name, alias));

    private static SeenTarget[] Targets(IReadOnlyList<string> classNames) =>
    [
        .. from className in classNames
           let sets = PretrainingDataset.All.Where(one => one.Use != PretrainingUse.ValidationOnly
               && one.Targets.Any(target => DatasetName.IsSameTarget(className, target))).Select(one => one.Name).ToArray()
           where sets.Length > 0
           select new SeenTarget(className, sets),
    ];
}
