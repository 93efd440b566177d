using MathNet.Numerics.Distributions;

namespace SamMed3D.Transfer;

/// <summary>How far two arms would differ by the luck of their seeds alone.</summary>
/// <remarks>
/// A training run moves all its cases together, which no number of cases averages out. Runs of one arm and fold with different seeds, on the same
/// cases, show how much: the variance of their mean scores, pooled over folds and both arms.
/// Where runs differ by half as much as single predictions do, a test over 24 cases of one fold with one seed alone finds "differences" between equal arms in some 40 % of comparisons.
/// </remarks>
/// <param name="Deviation">Standard deviation of a run's mean score between seeds; NaN where no fold has two seeds.</param>
/// <param name="Margin">Differences of the arms' means up to this are what seeds alone give, at the level asked for; NaN where it is not known.</param>
/// <param name="DegreesOfFreedom">Runs beyond one of each arm and fold.</param>
public sealed record SeedSpread(double Deviation, double Margin, int DegreesOfFreedom)
{
    /// <summary>Whether any fold was run with more than one seed.</summary>
    public bool IsKnown => DegreesOfFreedom > 0;

    /// <summary>Estimates it from all scores of two arms.</summary>
    /// <param name="baseline">Every score of the baseline.</param>
    /// <param name="arm">Every score of the arm.</param>
    /// <param name="level">The chance that seeds alone exceed the margin.</param>
    public static SeedSpread Of(IEnumerable<SampleScore> baseline, IEnumerable<SampleScore> arm, double level = 0.05)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        ArgumentNullException.ThrowIfNull(arm);
        if (!(level > 0 && level < 1))
            throw new ArgumentOutOfRangeException(nameof(level), level, "Expected a level between 0 and 1, such as 0.05.");
        var (one, other) = (Folds(baseline), Folds(arm));
        double[][] folds = [.. one, .. other];
        int freedom = folds.Sum(runs => runs.Length - 1);
        if (freedom < 1)
            return new SeedSpread(double.NaN, double.NaN, 0);
        double squares = folds.Sum(runs => runs.Sum(mean => (mean - runs.Average()) * (mean - runs.Average())));
        double variance = squares / freedom;

        // The mean over folds of the means over seeds, one such mean for each arm.
        static double Share(double[][] runs) => runs.Sum(seeds => 1.0 / seeds.Length) / Math.Pow(Math.Max(1, runs.Length), 2);
        double error = Math.Sqrt(variance * (Share(one) + Share(other)));
        return new SeedSpread(Math.Sqrt(variance), StudentT.InvCDF(0, 1, freedom, 1 - level / 2) * error, freedom);
    }

    /// <summary>For each fold, the mean score of every seed over the cases that all its seeds have a score of.</summary>
    private static double[][] Folds(IEnumerable<SampleScore> scores) =>
    [
        .. scores.Where(one => double.IsFinite(one.Score)).GroupBy(one => one.Fold).OrderBy(fold => fold.Key).Select(fold =>
        {
            int seeds = fold.Select(one => one.Seed).Distinct().Count();
            var shared = fold.GroupBy(one => one.CaseId, StringComparer.Ordinal).Where(one => one.Select(run => run.Seed).Distinct().Count() == seeds)
                .SelectMany(one => one);
            return shared.GroupBy(one => one.Seed).OrderBy(run => run.Key).Select(run => run.Average(one => one.Score)).ToArray();
        }).Where(runs => runs.Length > 0),
    ];
}
