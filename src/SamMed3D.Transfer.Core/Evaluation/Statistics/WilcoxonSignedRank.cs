using Normal = MathNet.Numerics.Distributions.Normal;

namespace SamMed3D.Transfer;

/// <summary>
/// The two-sided signed-rank test of paired differences: Wilcoxon, "Individual comparisons by ranking methods" (1945), with zeros as Pratt, "Remarks on zeros
/// and ties in the Wilcoxon signed rank procedures", JASA 54 (1959).
/// </summary>
/// <remarks>
/// Zeros are ranked with the others and their ranks then dropped, so that many cases without any difference speak against a difference; dropping
/// them before ranking (Wilcoxon's own rule) would let a small p come out of few cases. Tied differences share the mean of their ranks. Up to
/// <see cref="ExactUpTo"/> non-zero differences, p is exact given these ranks: the fraction of all assignments of signs whose rank sum is as
/// far from its mean, ties and zeros included. Above, it is the normal approximation with the variance that the shared ranks give and a continuity correction of one half.
/// </remarks>
public static class WilcoxonSignedRank
{
    /// <summary>The most non-zero differences for which p is exact.</summary>
    public const int ExactUpTo = 50;

    /// <summary>Tests whether differences are symmetric around zero.</summary>
    /// <param name="differences">Finite, one for each case; differences under 5e-11 count as zero.</param>
    /// <exception cref="ArgumentException">A difference is not finite.</exception>
    public static WilcoxonResult Test(IReadOnlyList<double> differences) => Test(differences, ExactUpTo);

    internal static WilcoxonResult Test(IReadOnlyList<double> differences, int exactUpTo)
    {
        Differences.RequireFinite(differences);
        double[] values = [.. differences.Select(Differences.Rounded)];
        double[] ranks = MidRanks([.. values.Select(Math.Abs)]);
        double positive = 0, negative = 0;
        var used = new List<double>();
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] == 0)
                continue;
            used.Add(ranks[i]);
            positive += values[i] > 0 ? ranks[i] : 0;
            negative += values[i] < 0 ? ranks[i] : 0;
        }

        bool isExact = used.Count <= exactUpTo;
        double p = used.Count == 0 ? 1 : isExact ? Exact(used, positive) : Approximate(used, positive);
        return new WilcoxonResult(positive, negative, used.Count, values.Length - used.Count, p, isExact);
    }

    /// <summary>Ranks from 1; equal values share the mean of theirs.</summary>
    private static double[] MidRanks(double[] values)
    {
        int[] order = [.. Enumerable.Range(0, values.Length).OrderBy(i => values[i])];
        var ranks = new double[values.Length];
        for (int first = 0; first < order.Length;)
        {
            int next = first + 1;
            while (next < order.Length && values[order[next]] == values[order[first]])
                next++;
            for (int k = first; k < next; k++)
                ranks[order[k]] = (first + 1 + next) / 2.0;
            first = next;
        }

        return ranks;
    }

    /// <summary>Counts, by twice the rank sum (which is whole), the fraction of sign assignments at least as far from the mean.</summary>
    private static double Exact(List<double> ranks, double positive)
    {
        int[] twice = [.. ranks.Select(rank => (int)Math.Round(2 * rank))];
        int total = twice.Sum();
        var chance = new double[total + 1];
        chance[0] = 1;
        int reached = 0;
        foreach (int rank in twice)
        {
            for (int sum = reached; sum >= 0; sum--)
            {
                chance[sum + rank] += chance[sum] / 2;
                chance[sum] /= 2;
            }

            reached += rank;
        }

        int far = Math.Abs(2 * (int)Math.Round(2 * positive) - total);
        double p = 0;
        for (int sum = 0; sum <= total; sum++)
            p += Math.Abs(2 * sum - total) >= far ? chance[sum] : 0;
        return Math.Min(1, p);
    }

    /// <summary>Each sign is a fair coin: the sum has half the ranks as its mean and a quarter of their squares as its variance, ties and zeros included.</summary>
    private static double Approximate(List<double> ranks, double positive)
    {
        double mean = ranks.Sum() / 2, deviation = Math.Sqrt(ranks.Sum(rank => rank * rank) / 4);
        double distance = Math.Max(0, Math.Abs(positive - mean) - 0.5);
        return Math.Min(1, 2 * Normal.CDF(0, 1, -distance / deviation));
    }
}
