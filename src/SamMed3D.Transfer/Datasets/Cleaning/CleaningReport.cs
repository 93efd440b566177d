namespace SamMed3D.Transfer;

/// <summary>Everything that a cleaning did, or would do.</summary>
/// <param name="Input">The data set, folder or file.</param>
/// <param name="Options">The rules.</param>
/// <param name="Cases">Every case with its decisions.</param>
/// <param name="Labels">The new label of each mask that stays somewhere.</param>
/// <param name="ClassNames">The classes of the output; the index is the new label, 0 the background.</param>
public sealed record CleaningReport(
    string Input, CleaningOptions Options, IReadOnlyList<CleanedCase> Cases, IReadOnlyDictionary<CleanedMask, int> Labels, IReadOnlyList<string> ClassNames)
{
    /// <summary>Classes of which no mask stays anywhere; the output does not have them.</summary>
    public IReadOnlyList<string> VanishedClasses =>
        [.. Cases.SelectMany(one => one.Decisions).GroupBy(decision => (decision.Value, decision.ClassName)).Where(masks => masks.All(mask => mask.Outcome.Count == 0))
            .OrderBy(masks => masks.Key.Value).Select(masks => masks.Key.ClassName)];

    /// <summary>Numbers the masks that stay: by class, left before right.</summary>
    /// <exception cref="InvalidDataException">Two of them would have one name.</exception>
    internal static CleaningReport Of(string input, CleaningOptions options, IReadOnlyList<CleanedCase> cases)
    {
        var masks = cases.SelectMany(one => one.Decisions)
            .SelectMany(decision => decision.Outcome.Select(side => (Mask: new CleanedMask(decision.Value, side), decision.ClassName)))
            .Distinct().OrderBy(entry => entry.Mask.Value).ThenBy(entry => entry.Mask.Side).ToList();
        string[] names = ["background", .. masks.Select(entry => entry.Mask.NameOf(entry.ClassName))];
        if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new InvalidDataException($"{input}: two classes would be named '{twice.Key}' after splitting; take the organ from the symmetric ones.");
        return new CleaningReport(input, options, cases, masks.Select((entry, index) => (entry.Mask, Label: index + 1)).ToDictionary(pair => pair.Mask, pair => pair.Label), names);
    }
}
