using Normal = MathNet.Numerics.Distributions.Normal;

namespace SamMed3D.Transfer;

/// <summary>The bias-corrected and accelerated bootstrap interval of a mean: Efron, "Better bootstrap confidence intervals", JASA 82 (1987).</summary>
public static class BootstrapInterval
{
    /// <summary>Fewer values than this have no interval here: a resample of four values knows nothing of the tails.</summary>
    public const int FewestValues = 5;

    /// <summary>Resamples that are drawn where nothing else is said.</summary>
    public const int DefaultResamples = 10_000;

    /// <summary>The interval of the mean.</summary>
    /// <param name="values">Independent finite values, such as the paired differences of cases.</param>
    /// <param name="level">The coverage, above 0 and below 1.</param>
    /// <param name="resamples">Resamples drawn; at least 100.</param>
    /// <param name="seed">Seed of the resampling: the same seed, the same interval.</param>
    /// <returns>The interval; null with fewer than <see cref="FewestValues"/> values or when all are equal, as nothing is then known about the spread.</returns>
    /// <exception cref="ArgumentException">A value is not finite, or an argument is out of range.</exception>
    public static ConfidenceInterval? OfMean(IReadOnlyList<double> values, double level = 0.95, int resamples = DefaultResamples, long seed = 0)
    {
        Differences.RequireFinite(values);
        if (!(level > 0 && level < 1))
            throw new ArgumentOutOfRangeException(nameof(level), level, "Expected a coverage between 0 and 1, such as 0.95.");
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 100);
        if (values.Count < FewestValues || Differences.AreAllEqual(values))
            return null;
        double mean = values.Average();
        double[] means = Resampled(values, resamples, seed);

        // Ties count half, as the median of the resampled means must give no correction.
        double below = means.Sum(one => one < mean ? 1 : one == mean ? 0.5 : 0) / resamples;
        double bias = Normal.InvCDF(0, 1, Math.Clamp(below, 0.5 / resamples, 1 - 0.5 / resamples));
        double acceleration = Acceleration(values, mean);
        double End(double probability)
        {
            double shifted = bias + Normal.InvCDF(0, 1, probability);
            return Quantile(means, Normal.CDF(0, 1, bias + shifted / (1 - acceleration * shifted)));
        }

        double tail = (1 - level) / 2;
        return new ConfidenceInterval(End(tail), End(1 - tail), level);
    }

    private static double[] Resampled(IReadOnlyList<double> values, int resamples, long seed)
    {
        var random = new StatisticalRandom(seed);
        var means = new double[resamples];
        for (int i = 0; i < resamples; i++)
        {
            double sum = 0;
            for (int k = 0; k < values.Count; k++)
                sum += values[random.Below(values.Count)];
            means[i] = sum / values.Count;
        }

        Array.Sort(means);
        return means;
    }

    /// <summary>From the skewness of the means that leave one value out; leaving out value x moves the mean by (mean - x) / (n - 1).</summary>
    private static double Acceleration(IReadOnlyList<double> values, double mean)
    {
        double squares = values.Sum(value => (value - mean) * (value - mean)), cubes = values.Sum(value => Math.Pow(value - mean, 3));
        return cubes / (6 * Math.Pow(squares, 1.5));
    }

    /// <summary>Linear between order statistics: type 7 of Hyndman and Fan (1996), as R, NumPy and SciPy have it.</summary>
    private static double Quantile(double[] sorted, double probability)
    {
        double place = probability * (sorted.Length - 1);
        int below = (int)Math.Floor(place);
        return below + 1 < sorted.Length ? sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]) : sorted[^1];
    }
}
