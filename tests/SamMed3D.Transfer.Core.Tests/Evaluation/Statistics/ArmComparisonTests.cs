namespace SamMed3D.Transfer.Tests;

public class ArmComparisonTests
{
    [Fact]
    public void A_steady_difference_is_found_with_its_size()
    {
        var result = Compare([0.02, 0.03, 0.01, 0.025, 0.015, 0.02, 0.03, 0.005, 0.02, 0.01]);
        Assert.Equal(ComparisonVerdict.Better, result.Verdict);
        Assert.Equal(0.0185, result.MeanDifference, 10);
        Assert.Equal(2 / 1024.0, result.PValue, 10);
        Assert.True(result.Interval!.Contains(0.0185) && result.Interval.Lower > 0);
        Assert.Equal((10, 0, 10), (result.BetterCases, result.WorseCases, result.CaseCount));
        Assert.Equal(ComparisonVerdict.Worse, Compare([-0.02, -0.03, -0.01, -0.025, -0.015, -0.02, -0.03]).Verdict);
    }

    [Fact]
    public void Degenerate_differences_are_told_and_claim_nothing()
    {
        Assert.Equal(ComparisonVerdict.TooFewCases, Compare([]).Verdict);
        Assert.Equal(ComparisonVerdict.TooFewCases, Compare([0.5, 0.5, 0.4, 0.6, 0.3]).Verdict);
        Assert.Equal(ComparisonVerdict.AllEqual, Compare([.. Enumerable.Repeat(0.1, 20)]).Verdict);
        Assert.Equal(ComparisonVerdict.AllEqual, Compare(new double[20]).Verdict);
        Assert.Equal(ComparisonVerdict.NoDifferenceFound, Compare([0.1, -0.1, 0.2, -0.2, 0.05, -0.06, 0.01]).Verdict);
        Assert.Equal(ComparisonVerdict.TooFewCases, Compare([.. Enumerable.Repeat(double.NaN, 20)]).Verdict);
        Assert.Equal(20, Compare([.. Enumerable.Repeat(double.NaN, 20)]).Scores.LeftOut.Count);
    }

    /// <summary>Darwin's plants: p = 0.041 by ranks, while the mean's interval, which two plants pull down, holds zero.</summary>
    [Fact]
    public void A_test_and_an_interval_that_disagree_make_no_claim() =>
        Assert.Equal(ComparisonVerdict.Unclear, Compare([.. WilcoxonSignedRankTests.Darwin.Select(value => value / 1000)]).Verdict);

    [Fact]
    public void A_difference_that_other_seeds_give_as_well_is_no_claim()
    {
        double[] differences = [0.02, 0.03, 0.01, 0.025, 0.015, 0.02, 0.03, 0.005, 0.02, 0.01];
        var (baseline, arm) = (new List<SampleScore>(), new List<SampleScore>());
        for (int i = 0; i < differences.Length; i++)
            foreach (long seed in new[] { 1, 2 })
            {
                baseline.Add(new($"case{i}", 0, seed, 0.5 + (seed == 1 ? 0.05 : -0.05)));
                arm.Add(new($"case{i}", 0, seed, 0.5 + differences[i]));
            }

        var result = ArmComparison.Compare(("scratch", baseline), [("inflated", arm)])[0];
        Assert.Equal(ComparisonVerdict.WithinSeedSpread, result.Verdict);
        Assert.True(result.PValue < 0.01);
    }

    [Fact]
    public void Arms_share_one_chance_of_a_false_claim()
    {
        double[] weak = [0.02, 0.03, -0.001, 0.025, 0.015, 0.02, 0.03, 0.004];
        Assert.Equal(ComparisonVerdict.Better, Compare(weak).Verdict);
        var arms = Enumerable.Range(0, 4).Select(i => ($"arm{i}", Scores(weak, 0.5))).ToArray();
        var together = ArmComparison.Compare(("scratch", Scores(new double[8], 0.5)), arms);
        Assert.All(together, one => Assert.Equal(4, one.TestCount));
        Assert.All(together, one => Assert.Equal(ComparisonVerdict.NoDifferenceFound, one.Verdict));
        Assert.All(together, one => Assert.Equal(4 * one.Test.PValue, one.PValue, 12));
    }

    private static PairedComparison Compare(double[] differences) => ArmComparison.Compare(
        ("scratch", Scores(new double[differences.Length], 0.5)), [("inflated", Scores(differences, 0.5))])[0];

    private static IReadOnlyList<SampleScore> Scores(double[] differences, double mean) =>
        [.. differences.Select((value, i) => new SampleScore($"case{i}", 0, 1, mean + value))];
}
