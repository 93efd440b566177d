using MathNet.Numerics.Distributions;

namespace SamMed3D.Transfer;

/// <summary>The mean difference that this many cases would have shown.</summary>
/// <remarks>
/// (t[1 - level / (2 tests), n - 1] + t[power, n - 1]) * s / sqrt(n) / sqrt(3 / pi), with s the standard deviation of the differences: the two-sided
/// paired t test's, divided by the root of the signed-rank test's efficiency for normal differences, 3 / pi (Lehmann, "Nonparametrics", 1975).
/// The sum of the two quantiles is within 1.5 % of what the noncentral t distribution gives from 12 cases on.
/// The level is divided by the number of tests, which is Holm's strictest step.
/// </remarks>
public static class MinimumDetectableEffect
{
    private const double Efficiency = 3 / Math.PI;

    /// <summary>The least mean difference that is found with the given probability.</summary>
    /// <param name="differences">The finite paired differences.</param>
    /// <param name="tests">Tests that share the level.</param>
    /// <param name="level">The chance of a false claim among all tests.</param>
    /// <param name="power">The probability.</param>
    /// <returns>
    /// The difference, in the unit of the differences. Infinite where no outcome at all could be significant, which is below six cases (2 / 2^n
    /// is the least p); NaN where the differences are all equal, as they then show no spread.
    /// </returns>
    /// <exception cref="ArgumentException">A difference is not finite, or an argument is out of range.</exception>
    public static double Of(IReadOnlyList<double> differences, int tests = 1, double level = 0.05, double power = 0.8)
    {
        Differences.RequireFinite(differences);
        ArgumentOutOfRangeException.ThrowIfLessThan(tests, 1);
        if (!(level > 0 && level < 1))
            throw new ArgumentOutOfRangeException(nameof(level), level, "Expected a level between 0 and 1, such as 0.05.");
        if (!(power > 0 && power < 1))
            throw new ArgumentOutOfRangeException(nameof(power), power, "Expected a probability between 0 and 1, such as 0.8.");
        int n = differences.Count;
        if (n < CasesNeeded(tests, level))
            return double.PositiveInfinity;
        if (Differences.AreAllEqual(differences))
            return double.NaN;
        double mean = differences.Average();
        double deviation = Math.Sqrt(differences.Sum(one => (one - mean) * (one - mean)) / (n - 1));
        double quantiles = StudentT.InvCDF(0, 1, n - 1, 1 - level / tests / 2) + StudentT.InvCDF(0, 1, n - 1, power);
        return quantiles * deviation / Math.Sqrt(n) / Math.Sqrt(Efficiency);
    }

    /// <summary>The fewest cases with which the exact signed-rank test can be significant at all: its least p is 2 / 2^n.</summary>
    public static int CasesNeeded(int tests = 1, double level = 0.05) => Math.Max(2, (int)Math.Ceiling(Math.Log2(2 * tests / level)));
}
