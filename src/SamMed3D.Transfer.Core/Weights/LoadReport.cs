using System.Globalization;
using System.Text.Json.Serialization;

namespace SamMed3D.Transfer;

/// <summary>The ledger of a load: every parameter and buffer of the module, and every tensor of the source, exactly once.</summary>
/// <param name="Origin">Where the tensors came from.</param>
/// <param name="Family">What the source was recognised as.</param>
/// <param name="Entries">Parameters and buffers, in the module's order.</param>
/// <param name="Sources">Tensors of the source, in stored order.</param>
public sealed record LoadReport(string Origin, WeightFamily Family, IReadOnlyList<LoadEntry> Entries, IReadOnlyList<SourceEntry> Sources)
{
    /// <summary>SHA-256 of the source file, in lower-case hex; null when the source is no file.</summary>
    public string? Sha256 { get; init; }

    /// <summary>What was allowed.</summary>
    public required LoadPolicy Policy { get; init; }

    /// <summary>How 2D weights were made 3D; null where they were not.</summary>
    public InflationOptions? Inflation { get; init; }

    /// <summary>The fraction of the elements asked for that the source fills, 0 to 1.</summary>
    public double Coverage
    {
        get
        {
            long asked = Asked.Sum(entry => entry.ElementCount);
            return asked == 0 ? 0 : (double)Asked.Where(entry => entry.IsFilled).Sum(entry => entry.ElementCount) / asked;
        }
    }

    /// <summary>The fraction of the parameters and buffers asked for that the source fills, 0 to 1.</summary>
    public double TensorCoverage => Asked.Any() ? (double)Asked.Count(entry => entry.IsFilled) / Asked.Count() : 0;

    /// <summary>Whether everything asked for was filled.</summary>
    public bool IsComplete => Asked.Any() && Asked.All(entry => entry.IsFilled);

    /// <summary>Source keys that fit no parameter.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Unexpected => Keys(SourceUse.Unexpected);

    /// <summary>Source keys of parts that were not asked for.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Ignored => Keys(SourceUse.Ignored);

    /// <summary>A few lines for people.</summary>
    [JsonIgnore]
    public string Summary => LoadSummary.Of(this);

    private IEnumerable<LoadEntry> Asked => Entries.Where(entry => entry.IsAsked);

    /// <summary>How many parameters and buffers had this outcome.</summary>
    public int Count(LoadOutcome outcome) => Entries.Count(entry => entry.Outcome == outcome);

    /// <summary>The first few names, and how many more there are.</summary>
    internal static string Some(IReadOnlyList<string> names) => ShortList.Of(names, names.Count <= 4 ? 4 : 3);

    internal static string Text(IReadOnlyList<long>? shape) => shape is null ? "absent" : $"[{string.Join(", ", shape)}]";

    /// <summary>Such as "99.9%": never 100% unless it is whole.</summary>
    internal static string Percent(double fraction) =>
        (Math.Floor(fraction * 1000) / 10).ToString("0.0", CultureInfo.InvariantCulture) + "%";

    private string[] Keys(SourceUse use) => [.. Sources.Where(source => source.Use == use).Select(source => source.Key)];
}
