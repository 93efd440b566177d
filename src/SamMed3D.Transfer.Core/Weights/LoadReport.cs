using System.Globalization;

namespace SamMed3D.Transfer;

/// <summary>The ledger of a load: every parameter and buffer of the module, and every key of the source, exactly once.</summary>
/// <param name="Origin">Where the tensors came from.</param>
/// <param name="Entries">Parameters and buffers, in the module's order.</param>
/// <param name="Unexpected">Source keys that fit no parameter.</param>
/// <param name="Dropped">Source keys that the key map leaves out on purpose.</param>
public sealed record LoadReport(
    string Origin, IReadOnlyList<LoadEntry> Entries, IReadOnlyList<string> Unexpected, IReadOnlyList<string> Dropped)
{
    /// <summary>The fraction of the elements asked for that the source fills, 0 to 1.</summary>
    public double Coverage
    {
        get
        {
            long asked = Asked.Sum(entry => entry.ElementCount);
            return asked == 0 ? 0 : (double)Asked.Where(entry => entry.IsFilled).Sum(entry => entry.ElementCount) / asked;
        }
    }

    /// <summary>Whether everything asked for was filled.</summary>
    public bool IsComplete => Asked.Any() && Asked.All(entry => entry.IsFilled);

    /// <summary>A few lines for people.</summary>
    public string Summary
    {
        get
        {
            var lines = new List<string>
            {
                string.Create(CultureInfo.InvariantCulture,
                    $"{Origin}: {Count(LoadOutcome.Loaded)} tensors loaded, {Count(LoadOutcome.Resized)} resized, {Count(LoadOutcome.Missing)} missing, "
                    + $"{Count(LoadOutcome.Mismatched)} mismatched; {Coverage:P1} of the values asked for"),
            };
            Add(LoadOutcome.Resized, entry => $"{entry.Name} {Text(entry.SourceShape)} -> {Text(entry.Shape)}");
            Add(LoadOutcome.Missing, entry => entry.Name);
            Add(LoadOutcome.Mismatched, entry => $"{entry.Name} is {Text(entry.Shape)}, {entry.SourceKey} is {Text(entry.SourceShape)}");
            if (Count(LoadOutcome.NotAsked) is > 0 and var left)
                lines.Add($"  {left} other tensors of the model keep their initial values");
            if (Unexpected.Count > 0)
                lines.Add($"  not used: {Some(Unexpected)}");
            if (Dropped.Count > 0)
                lines.Add($"  left out on purpose: {Dropped.Count} tensors");
            return string.Join('\n', lines);

            void Add(LoadOutcome outcome, Func<LoadEntry, string> describe)
            {
                if (Count(outcome) > 0)
                    lines.Add($"  {outcome.ToString().ToLowerInvariant()}: {Some([.. Entries.Where(entry => entry.Outcome == outcome).Select(describe)])}");
            }
        }
    }

    private IEnumerable<LoadEntry> Asked => Entries.Where(entry => entry.Outcome != LoadOutcome.NotAsked);

    /// <summary>How many parameters and buffers had this outcome.</summary>
    public int Count(LoadOutcome outcome) => Entries.Count(entry => entry.Outcome == outcome);

    /// <summary>The first few names, and how many more there are.</summary>
    internal static string Some(IReadOnlyList<string> names) => names.Count <= 4
        ? string.Join(", ", names)
        : $"{string.Join(", ", names.Take(3))} and {names.Count - 3} more";

    internal static string Text(IReadOnlyList<long>? shape) => shape is null ? "absent" : $"[{string.Join(", ", shape)}]";
}
