namespace SamMed3D.Transfer;

/// <summary>A case that a report shows, as one run segmented it.</summary>
/// <param name="CaseId">The case.</param>
/// <param name="Arm">The arm.</param>
/// <param name="RunId">The run whose prediction is shown.</param>
/// <param name="Rank">Why this case.</param>
/// <param name="MeanDice">The mean Dice of this prediction; NaN where it has none.</param>
public sealed record ShownCase(string CaseId, string Arm, string RunId, CaseRank Rank, double MeanDice)
{
    /// <summary>
    /// The best, the median and the worst case of the start with the highest mean Dice at the largest label budget, each as that start and as the
    /// baseline segmented it, by the run with the lowest seed.
    /// </summary>
    /// <returns>None without runs; fewer cases where there are fewer than three.</returns>
    public static IReadOnlyList<ShownCase> Choose(ComparisonSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        if (summary.Main.Where(arm => arm.Arm.Role == ArmRole.Start && double.IsFinite(arm.MeanDice)).MaxBy(arm => arm.MeanDice) is not { } best)
            return [];
        ComparedRun[] runs = [.. summary.Results.Runs.Where(run => run.Budget == summary.MainBudget)];
        var means = PairedScores.MeansByCase(runs.Where(run => run.Arm == best.Arm.Name)
            .SelectMany(run => run.Cases.Select(one => new SampleScore(one.CaseId, run.Fold, run.Seed, one.MeanDice()))));
        string[] order = [.. means.Where(one => double.IsFinite(one.Value)).OrderByDescending(one => one.Value).ThenBy(one => one.Key, StringComparer.Ordinal).Select(one => one.Key)];
        (CaseRank Rank, string CaseId)[] chosen = order.Length == 0 ? [] : [(CaseRank.Best, order[0]), (CaseRank.Median, order[order.Length / 2]), (CaseRank.Worst, order[^1])];
        return
        [
            .. from choice in chosen.DistinctBy(one => one.CaseId)
               from arm in new[] { best.Arm.Name, summary.Results.Baseline }.Distinct()
               let run = runs.Where(run => run.Arm == arm && run.Cases.Any(one => one.CaseId == choice.CaseId)).OrderBy(run => run.Seed).ThenBy(run => run.Fold).FirstOrDefault()
               where run is not null
               select new ShownCase(choice.CaseId, arm, run.Id, choice.Rank, run.Cases.First(one => one.CaseId == choice.CaseId).MeanDice()),
        ];
    }
}
