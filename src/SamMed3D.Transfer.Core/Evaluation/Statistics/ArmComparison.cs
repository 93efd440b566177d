namespace SamMed3D.Transfer;

/// <summary>Compares several arms with one baseline, with one chance of a false claim for all of them together.</summary>
public static class ArmComparison
{
    /// <summary>Compares each arm with the baseline.</summary>
    /// <param name="baseline">The baseline's name and every score of it.</param>
    /// <param name="arms">Every other arm's name and scores; one with fewer cases than could ever be significant is not tested and does not count for the others.</param>
    /// <param name="options">Levels, power and the bootstrap.</param>
    /// <returns>One for each arm, in the given order.</returns>
    public static IReadOnlyList<PairedComparison> Compare(
        (string Name, IReadOnlyList<SampleScore> Scores) baseline,
        IReadOnlyList<(string Name, IReadOnlyList<SampleScore> Scores)> arms,
        StatisticsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(baseline.Scores);
        ArgumentNullException.ThrowIfNull(arms);
        options = (options ?? new StatisticsOptions()).Validated();
        PairedScores[] paired = [.. arms.Select(arm => PairedScores.Of(baseline.Scores, arm.Scores))];
        WilcoxonResult[] tests = [.. paired.Select(pair => WilcoxonSignedRank.Test(pair.Differences))];
        bool IsTested(int arm) => paired[arm].Cases.Count >= MinimumDetectableEffect.CasesNeeded(1, options.Level);
        double[] adjusted = HolmCorrection.Adjust([.. tests.Select((test, arm) => IsTested(arm) ? test.PValue : double.NaN)]);
        int testCount = Math.Max(1, adjusted.Count(p => !double.IsNaN(p)));
        return [.. arms.Select((arm, i) => Compared(baseline, arm, paired[i], tests[i], adjusted[i], testCount, options))];
    }

    private static PairedComparison Compared(
        (string Name, IReadOnlyList<SampleScore> Scores) baseline,
        (string Name, IReadOnlyList<SampleScore> Scores) arm,
        PairedScores paired,
        WilcoxonResult test,
        double pValue,
        int testCount,
        StatisticsOptions options)
    {
        double[] differences = paired.Differences;
        var comparison = new PairedComparison
        {
            Arm = arm.Name,
            Baseline = baseline.Name,
            Scores = paired,
            MeanDifference = differences.DefaultIfEmpty(double.NaN).Average(),
            TypicalDifference = HodgesLehmann.Estimate(differences),
            Interval = BootstrapInterval.OfMean(differences, options.IntervalLevel, options.Resamples, options.Seed),
            Test = test,
            PValue = pValue,
            TestCount = testCount,
            MinimumDetectableEffect = MinimumDetectableEffect.Of(differences, testCount, options.Level, options.Power),
            SeedSpread = SeedSpread.Of(baseline.Scores, arm.Scores, options.Level),
            Verdict = ComparisonVerdict.TooFewCases,
        };
        return comparison with { Verdict = Verdict(comparison, differences, options.Level) };
    }

    private static ComparisonVerdict Verdict(PairedComparison of, double[] differences, double level)
    {
        if (differences.Length < MinimumDetectableEffect.CasesNeeded(of.TestCount, level))
            return ComparisonVerdict.TooFewCases;
        if (Differences.AreAllEqual(differences) || of.Interval is null)
            return ComparisonVerdict.AllEqual;
        if (!(of.PValue <= level))
            return ComparisonVerdict.NoDifferenceFound;
        bool isAbove = of.Interval.Lower > 0 && of.MeanDifference > 0 && of.Test.RankBiserial > 0;
        bool isBelow = of.Interval.Upper < 0 && of.MeanDifference < 0 && of.Test.RankBiserial < 0;
        if (!isAbove && !isBelow)
            return ComparisonVerdict.Unclear;
        if (Math.Abs(of.MeanDifference) <= of.SeedSpread.Margin)
            return ComparisonVerdict.WithinSeedSpread;
        return isAbove ? ComparisonVerdict.Better : ComparisonVerdict.Worse;
    }
}
