namespace SamMed3D.Transfer.Tests;

/// <summary>Simulated comparisons whose truth is known.</summary>
public class NullComparisonTests
{
    private static readonly StatisticsOptions Quick = new() { Resamples = 500 };

    /// <summary>
    /// The same arm twice with other seeds: cases differ a lot, runs move all their cases a little, and each prediction has its own noise. 1000
    /// repeats, so that a true rate of 8 % would be noticed almost surely: 5 % and three standard errors are 7 %.
    /// </summary>
    [Theory]
    [InlineData(24, 3, 0.0)]
    [InlineData(24, 3, 0.01)]
    [InlineData(12, 2, 0.03)]
    public void The_same_arm_twice_is_not_significant_more_often_than_the_level(int cases, int seeds, double runDeviation)
    {
        const int Repeats = 1000;
        int claims = Enumerable.Range(0, Repeats).Count(repeat => Claims(repeat, cases, seeds, runDeviation, isPooled: false));
        Assert.True(claims <= Repeats * 0.05 + 3 * Math.Sqrt(Repeats * 0.05 * 0.95), $"{claims} of {Repeats} repeats made a claim.");
    }

    /// <summary>The same arm twice, with other seeds: at most 5 % of 200 repeats.</summary>
    [Fact]
    public void Of_200_repeats_at_most_ten_are_significant()
    {
        int claims = Enumerable.Range(5000, 200).Count(repeat => Claims(repeat, 24, 2, runDeviation: 0.01, isPooled: false));
        Assert.InRange(claims, 0, 10);
    }

    /// <summary>Why the case is the unit: the simulation above does notice when each seed's score counts as a case of its own.</summary>
    [Fact]
    public void Counting_seeds_as_cases_would_make_false_claims()
    {
        int claims = Enumerable.Range(0, 200).Count(repeat => Claims(repeat, 12, 5, runDeviation: 0, isPooled: true));
        Assert.True(claims > 40, $"Only {claims} of 200.");
    }

    /// <summary>The formula's promise: a true difference of the minimum detectable size is found in about 80 % of repeats.</summary>
    [Theory]
    [InlineData(12)]
    [InlineData(40)]
    public void A_difference_of_the_minimum_detectable_size_is_found_with_the_stated_probability(int cases)
    {
        const int Repeats = 1000;
        var random = new StatisticalRandom(7);
        double[] grid = [.. Enumerable.Range(0, cases).Select(i => MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, (i + 0.5) / cases))];
        double deviation = Math.Sqrt(grid.Sum(value => value * value) / (cases - 1));
        double effect = MinimumDetectableEffect.Of([.. grid.Select(value => value / deviation)]);
        int found = Enumerable.Range(0, Repeats).Count(_ =>
            WilcoxonSignedRank.Test([.. Enumerable.Range(0, cases).Select(_ => effect + Normal(random))]).PValue <= 0.05);
        Assert.InRange(found / (double)Repeats, 0.75, 0.85);
    }

    private static bool Claims(int repeat, int cases, int seeds, double runDeviation, bool isPooled)
    {
        var random = new StatisticalRandom(repeat);
        double[] difficulty = [.. Enumerable.Range(0, cases).Select(_ => 0.8 + 0.1 * Normal(random))];

        // An arm has its own mean on each case: its seeds agree on a case more than two arms do.
        List<SampleScore> Arm(bool hasOwnTaste)
        {
            var scores = new List<SampleScore>();
            double[] taste = [.. difficulty.Select(_ => hasOwnTaste ? 0.03 * Normal(random) : 0)];
            for (int seed = 0; seed < seeds; seed++)
            {
                double run = runDeviation * Normal(random);
                for (int i = 0; i < cases; i++)
                    scores.Add(new SampleScore(isPooled ? $"case{i} seed{seed}" : $"case{i}", 0, seed, difficulty[i] + taste[i] + run + 0.02 * Normal(random)));
            }

            return scores;
        }

        var verdict = ArmComparison.Compare(("one", Arm(isPooled)), [("other", Arm(isPooled))], Quick)[0].Verdict;
        return verdict is ComparisonVerdict.Better or ComparisonVerdict.Worse;
    }

    private static double Normal(StatisticalRandom random) => MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, Math.Clamp(random.Uniform(), 1e-12, 1 - 1e-12));
}
