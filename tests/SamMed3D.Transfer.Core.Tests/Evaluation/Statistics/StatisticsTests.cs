namespace SamMed3D.Transfer.Tests;

public class StatisticsTests
{
    [Fact]
    public void Holm_adjusts_as_published_and_keeps_the_order()
    {
        // By hand from Holm (1979): 0.01 * 4, 0.015 * 3 = 0.045, 0.02 * 2 = 0.04 -> 0.045, 0.3 * 1.
        double[] adjusted = HolmCorrection.Adjust([0.02, 0.01, 0.3, 0.015]);
        Assert.Equal([0.045, 0.04, 0.3, 0.045], adjusted.Select(p => Math.Round(p, 12)));
        Assert.Equal([1, 1], HolmCorrection.Adjust([0.9, 0.6]));
        Assert.Equal([double.NaN, 0.04, 0.03], HolmCorrection.Adjust([double.NaN, 0.04, 0.015]));
        Assert.Empty(HolmCorrection.Adjust([]));
        Assert.Throws<ArgumentException>(() => HolmCorrection.Adjust([1.5]));
    }

    [Fact]
    public void The_typical_difference_is_the_published_one()
    {
        // Hollander and Wolfe give -0.46 for the depression scores.
        Assert.Equal(-0.46, HodgesLehmann.Estimate(WilcoxonSignedRankTests.Depression), 12);
        Assert.True(double.IsNaN(HodgesLehmann.Estimate([])));
    }

    [Theory]
    // Solved with SciPy 1.10.1's noncentral t, as R's power.t.test(type = "paired", sd = 1) does.
    [InlineData(20, 1, 0.8, 0.66044)]
    [InlineData(12, 3, 0.8, 1.07792)]
    [InlineData(60, 1, 0.9, 0.42546)]
    public void The_minimum_detectable_effect_is_that_of_the_paired_t_test_over_the_efficiency(int n, int tests, double power, double expected)
    {
        double[] values = [.. Enumerable.Range(0, n).Select(i => (double)(i % 2))];
        double deviation = Math.Sqrt(values.Sum(value => Math.Pow(value - values.Average(), 2)) / (n - 1));
        double effect = MinimumDetectableEffect.Of(values, tests, power: power) / deviation * Math.Sqrt(3 / Math.PI);


        // The sum of two quantiles stands for the noncentral t, to 1.5 %.
        Assert.Equal(expected, effect, expected * 0.015);
    }

    [Fact]
    public void Where_nothing_could_be_significant_no_effect_is_detectable()
    {
        Assert.Equal(6, MinimumDetectableEffect.CasesNeeded());
        Assert.Equal(7, MinimumDetectableEffect.CasesNeeded(tests: 3));
        Assert.Equal(double.PositiveInfinity, MinimumDetectableEffect.Of([1, 2, 3, 4, 5]));
        Assert.Equal(double.PositiveInfinity, MinimumDetectableEffect.Of([1, 2, 3, 4, 5, 6], tests: 3));
        Assert.True(double.IsFinite(MinimumDetectableEffect.Of([1, 2, 3, 4, 5, 6])));
        Assert.True(double.IsNaN(MinimumDetectableEffect.Of([1, 1, 1, 1, 1, 1, 1])));
    }

    [Fact]
    public void Seeds_are_averaged_within_a_case_and_cases_without_a_score_are_named()
    {
        SampleScore[] baseline =
        [
            new("b", 0, 1, 0.5), new("b", 0, 2, 0.7), new("a", 1, 1, 0.2), new("a", 1, 2, double.NaN), new("c", 0, 1, double.NaN), new("d", 0, 1, 0.1),
        ];
        SampleScore[] arm = [new("a", 1, 1, 0.4), new("b", 0, 1, 0.5), new("c", 0, 1, 0.9), new("e", 0, 1, 0.5), new("d", 0, 1, double.NegativeInfinity)];
        var paired = PairedScores.Of(baseline, arm);
        Assert.Equal(["a", "b"], paired.Cases.Select(one => one.CaseId));
        Assert.Equal(0.2, paired.Differences[0], 12);
        Assert.Equal(-0.1, paired.Differences[1], 12);
        Assert.Equal(["c", "d", "e"], paired.LeftOut);
    }

    [Fact]
    public void The_spread_of_seeds_is_that_of_the_means_of_runs()
    {
        SampleScore[] baseline = [new("a", 0, 1, 0.4), new("b", 0, 1, 0.6), new("a", 0, 2, 0.6), new("b", 0, 2, 0.8)];
        SampleScore[] arm = [new("a", 0, 1, 0.5), new("b", 0, 1, 0.5), new("a", 0, 2, 0.6), new("b", 0, 2, 0.6)];

        // Means 0.5 and 0.7, 0.5 and 0.6: sums of squares 0.02 and 0.005, 2 degrees of freedom; t[0.975, 2] = 4.302653.
        var spread = SeedSpread.Of(baseline, arm);
        Assert.Equal(2, spread.DegreesOfFreedom);
        Assert.Equal(Math.Sqrt(0.0125), spread.Deviation, 12);
        Assert.Equal(4.302653 * Math.Sqrt(0.0125 * (0.5 + 0.5)), spread.Margin, 6);
        Assert.False(SeedSpread.Of(baseline[..2], arm[..2]).IsKnown);
    }
}
