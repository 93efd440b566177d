namespace SamMed3D.Transfer.Tests;

public class WilcoxonSignedRankTests
{
    /// <summary>Depression scores of nine patients before and after tranquillizers: Hollander and Wolfe, "Nonparametric statistical methods", example 3.1.</summary>
    internal static readonly double[] Depression = [-0.952, 0.147, -1.022, -0.43, -0.62, -0.59, -0.49, 0.08, -0.01];

    /// <summary>Heights of crossed above self-fertilized plants in eighths of an inch: Darwin (1876), as in Fisher, "The design of experiments" (1935).</summary>
    internal static readonly double[] Darwin = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];

    [Fact]
    public void Published_examples_give_the_published_values()
    {
        // Hollander and Wolfe: T+ = 5, one-sided p = 0.020; SciPy 1.10.1, stats.wilcoxon: two-sided 0.0390625.
        var depression = WilcoxonSignedRank.Test(Depression);
        Assert.Equal(5, depression.PositiveRanks);
        Assert.Equal(40, depression.NegativeRanks);
        Assert.Equal(0.0390625, depression.PValue, 12);
        Assert.True(depression.IsExact);

        // SciPy 1.10.1, stats.wilcoxon(darwin, mode="exact"): 24, 0.041259765625.
        var darwin = WilcoxonSignedRank.Test(Darwin);
        Assert.Equal(24, darwin.NegativeRanks);
        Assert.Equal(0.041259765625, darwin.PValue, 12);
        Assert.Equal((96 - 24) / 120.0, darwin.RankBiserial, 12);
    }

    [Fact]
    public void Zeros_and_ties_give_the_value_counted_over_all_signs()
    {
        // Counted in Python over the 1024 assignments of signs to SciPy's rankdata of all twelve: rank sums 62.5 and 12.5, 54 of them as far from the mean.
        var result = WilcoxonSignedRank.Test([0, 0, 1, 1, -1, 2, 2, 3, -3, 4, 5, 5]);
        Assert.Equal((62.5, 12.5, 10, 2), (result.PositiveRanks, result.NegativeRanks, result.NonZero, result.Zeros));
        Assert.Equal(54 / 1024.0, result.PValue, 12);
    }

    [Fact]
    public void Many_differences_with_zeros_and_ties_give_the_normal_approximation_of_SciPy()
    {
        // SciPy 1.10.1: stats.wilcoxon(..., zero_method="pratt", correction=True, mode="approx"): 1041.5, 0.017131974474545994.
        double[] values =
        [
            1, 0, 4, 0, 0.5, 2.5, -1, -0.5, 0.5, 0, -1.5, 0, 0, 1, -2, -1, 2, 3, -2, 1.5, -1, -1, -1, -0.5, 2, 1.5, 0.5, 0, 0.5, 0, 1.5, -0.5, 0.5,
            0, 0, 0.5, 0.5, 2.5, 0, 2.5, 0, -0.5, 0.5, 1, 0.5, 2, 2, 1, 0, 0, 2.5, 0.5, -1.5, -0.5, -0.5, 2, 0, 3.5, 1.5, 0.5, -0.5, 2, 0, -1, 1,
            0.5, 2, 0, -4, 1.5, -2.5, 2.5, 3, -0.5, -1.5, -2, 1.5, 0, -0.5, 0,
        ];
        var result = WilcoxonSignedRank.Test(values);
        Assert.False(result.IsExact);
        Assert.Equal(1041.5, result.NegativeRanks);
        Assert.Equal(0.017131974474545994, result.PValue, 9);
        Assert.Equal(result.PValue, WilcoxonSignedRank.Test(values, exactUpTo: 100).PValue, 0.001);
    }

    [Fact]
    public void Rounding_neither_breaks_ties_nor_makes_zeros()
    {
        double[] exact = [0.1, 0.1, 0.1, 0, -0.2, 0.3];
        double[] rounded = [0.3 - 0.2, 0.1, 0.4 - 0.3, 0.1 + 0.2 - 0.3, -0.2, 0.3];
        Assert.NotEqual(0, rounded[3]);
        Assert.Equal(WilcoxonSignedRank.Test(exact), WilcoxonSignedRank.Test(rounded));
    }

    [Fact]
    public void Nothing_to_rank_is_no_evidence_and_nonsense_is_refused()
    {
        Assert.Equal(1, WilcoxonSignedRank.Test([]).PValue);
        Assert.Equal(1, WilcoxonSignedRank.Test([0, 0, 0]).PValue);
        Assert.Equal(1, WilcoxonSignedRank.Test([0.3]).PValue);
        Assert.Throws<ArgumentException>(() => WilcoxonSignedRank.Test([1, double.NaN]));
        Assert.Throws<ArgumentException>(() => WilcoxonSignedRank.Test([1, double.PositiveInfinity]));
    }
}
