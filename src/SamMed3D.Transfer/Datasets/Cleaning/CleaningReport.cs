namespace SamMed3D.Transfer;

/// <summary>Everything that a cleaning did, or would do.</summary>
/// <param name="Input">The data set, folder or file.</param>
/// <param name="Options">The rules.</param>
/// <param name="Cases">Every case with its decisions.</param>
/// <param name="Labels">The new label of each mask that stays somewhere; always 1 in SAM-Med3D's tree.</param>
/// <param name="ClassNames">The classes of the output; the index is the new label, 0 the background. In SAM-Med3D's tree they are the organ folders.</param>
public sealed record CleaningReport(
    string Input, CleaningOptions Options, IReadOnlyList<CleanedCase> Cases, IReadOnlyDictionary<CleanedMask, int> Labels, IReadOnlyList<string> ClassNames)
{
    /// <summary>The layout of input and output; null where there is no data set.</summary>
    public DatasetLayout? Layout { get; init; }

    /// <summary>The label of ignored voxels in the output, one above the classes; null where the data set has none.</summary>
    public int? IgnoreLabel { get; init; }

    /// <summary>Classes of which no mask stays anywhere; the output does not have them.</summary>
    public IReadOnlyList<string> VanishedClasses =>
        [.. Cases.SelectMany(one => one.Decisions).GroupBy(decision => (decision.Value, decision.ClassName)).Where(masks => masks.All(mask => mask.Outcome.Count == 0))
            .OrderBy(masks => masks.Key.Value).ThenBy(masks => masks.Key.ClassName, StringComparer.Ordinal).Select(masks => masks.Key.ClassName)];

    /// <summary>The names of the output's labels, with the background and what is ignored.</summary>
    internal IEnumerable<(string Name, int Label)> NamedLabels =>
        [.. ClassNames.Select((name, index) => (name, IsTree ? Math.Min(index, 1) : index)), .. IgnoreLabel is { } ignored ? new[] { (DatasetDescription.IgnoreName, ignored) } : []];

    private bool IsTree => Layout == DatasetLayout.SamMed3D;

    /// <summary>What comes out of a mask: the new classes by name, with their labels, left before right.</summary>
    /// <param name="decision">One of the decisions about <see cref="Cases"/>.</param>
    public IReadOnlyDictionary<string, int> NewLabels(MaskDecision decision)
    {
        ArgumentNullException.ThrowIfNull(decision);
        return decision.Outcome.Select(side => new CleanedMask(decision.Value, side)).ToDictionary(mask => NameOf(mask, decision.ClassName, IsTree), mask => Labels[mask]);
    }

    /// <summary>Numbers the masks that stay: by class, left before right; the ignored voxels come last.</summary>
    /// <exception cref="InvalidDataException">Two of them would have one name.</exception>
    internal static CleaningReport Of(CleaningSource source, CleaningOptions options, IReadOnlyList<CleanedCase> cases)
    {
        var masks = cases.SelectMany(one => one.Decisions)
            .SelectMany(decision => decision.Outcome.Select(side => (Mask: new CleanedMask(decision.Value, side), decision.ClassName)))
            .Distinct().OrderBy(entry => entry.Mask.Value).ThenBy(entry => entry.ClassName, StringComparer.Ordinal).ThenBy(entry => entry.Mask.Side).ToList();
        string[] names = ["background", .. masks.Select(entry => NameOf(entry.Mask, entry.ClassName, source.IsTree))];
        if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new InvalidDataException($"{source.Path}: two classes would be named '{twice.Key}' after splitting; take the organ from the symmetric ones.");
        var labels = masks.Select(entry => entry.Mask).Distinct().Select((mask, index) => (mask, label: source.IsTree ? 1 : index + 1))
            .ToDictionary(pair => pair.mask, pair => pair.label);
        return new CleaningReport(source.Path, options, cases, labels, names)
        {
            Layout = source.Manifest?.Layout,
            IgnoreLabel = source.Manifest?.Labels.IgnoreValue is null ? null : names.Length,
        };
    }

    private static string NameOf(CleanedMask mask, string className, bool isTree) => isTree ? mask.FolderOf(className) : mask.NameOf(className);
}
