namespace SamMed3D.Transfer;

/// <summary>
/// Two arms on the same cases. The case is the unit: whatever one arm scores on a case with several seeds is averaged first, so that more seeds do
/// not count as more patients.
/// </summary>
/// <param name="Cases">The cases that both arms have a finite score of, by id in ordinal order.</param>
/// <param name="LeftOut">The cases of either arm that are not among them, by id in ordinal order.</param>
public sealed record PairedScores(IReadOnlyList<CaseDifference> Cases, IReadOnlyList<string> LeftOut)
{
    /// <summary>The arm above the baseline, case by case.</summary>
    public double[] Differences => [.. Cases.Select(one => one.Difference)];

    /// <summary>Pairs two arms by case.</summary>
    /// <param name="baseline">Every score of the baseline.</param>
    /// <param name="arm">Every score of the arm.</param>
    /// <remarks>NaN and infinite scores are left out of a case's mean; a case of which nothing is left in one arm is left out and named.</remarks>
    public static PairedScores Of(IEnumerable<SampleScore> baseline, IEnumerable<SampleScore> arm)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        ArgumentNullException.ThrowIfNull(arm);
        var (one, other) = (MeansByCase(baseline), MeansByCase(arm));
        string[] ids = [.. one.Keys.Union(other.Keys).Order(StringComparer.Ordinal)];
        bool IsPaired(string id) => double.IsFinite(one.GetValueOrDefault(id, double.NaN)) && double.IsFinite(other.GetValueOrDefault(id, double.NaN));
        return new PairedScores([.. ids.Where(IsPaired).Select(id => new CaseDifference(id, one[id], other[id]))], [.. ids.Where(id => !IsPaired(id))]);
    }

    /// <summary>The mean of each case's finite scores; NaN where it has none.</summary>
    public static IReadOnlyDictionary<string, double> MeansByCase(IEnumerable<SampleScore> scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        return scores.GroupBy(one => one.CaseId, StringComparer.Ordinal).ToDictionary(
            group => group.Key,
            // In the order of fold and seed, so that the sum does not depend on which run ended first.
            group => ScoreMean.Of(group.OrderBy(one => one.Fold).ThenBy(one => one.Seed).Select(one => double.IsFinite(one.Score) ? one.Score : double.NaN)),
            StringComparer.Ordinal);
    }
}
