namespace SamMed3D.Transfer.Tests;

public class BootstrapIntervalTests
{
    [Theory]
    // SciPy 1.10.1, stats.bootstrap(..., np.mean, method="BCa", n_resamples=1000000): Darwin's plants, and ten skewed values.
    [InlineData(false, 0.95, -1.6667, 36.3333)]
    [InlineData(false, 0.90, 2.3333, 34.1333)]
    [InlineData(true, 0.95, 0.46, 2.355)]
    public void It_is_the_interval_of_SciPy(bool isSkewed, double level, double lower, double upper)
    {
        double[] values = isSkewed ? [0.1, 0.2, 0.2, 0.3, 0.4, 0.5, 0.7, 1.1, 1.9, 4.5] : WilcoxonSignedRankTests.Darwin;
        var interval = BootstrapInterval.OfMean(values, level, resamples: 200_000)!;

        // The ends are themselves random: about a hundredth of the interval's width with 200,000 resamples.
        double tolerance = (upper - lower) / 60;
        Assert.Equal(lower, interval.Lower, tolerance);
        Assert.Equal(upper, interval.Upper, tolerance);
        Assert.Equal(level, interval.Level);
    }

    [Fact]
    public void It_depends_on_the_seed_alone_and_turns_with_the_sign()
    {
        double[] values = WilcoxonSignedRankTests.Depression;
        var interval = BootstrapInterval.OfMean(values, seed: 3)!;
        Assert.Equal(interval, BootstrapInterval.OfMean(values, seed: 3));
        Assert.NotEqual(interval, BootstrapInterval.OfMean(values, seed: 4));
        var turned = BootstrapInterval.OfMean([.. values.Select(value => -value)], seed: 3)!;
        Assert.Equal(-interval.Upper, turned.Lower, 0.02);
        Assert.Equal(-interval.Lower, turned.Upper, 0.02);
    }

    [Fact]
    public void Too_few_or_equal_values_have_no_interval()
    {
        Assert.Null(BootstrapInterval.OfMean([]));
        Assert.Null(BootstrapInterval.OfMean([1, 2, 3, 4]));
        Assert.Null(BootstrapInterval.OfMean([0.3 - 0.2, 0.1, 0.4 - 0.3, 0.1, 0.1, 0.1]));
        Assert.NotNull(BootstrapInterval.OfMean([1, 2, 3, 4, 5]));
        Assert.Throws<ArgumentException>(() => BootstrapInterval.OfMean([1, 2, 3, 4, double.NaN]));
        Assert.Throws<ArgumentOutOfRangeException>(() => BootstrapInterval.OfMean([1, 2, 3, 4, 5], level: 95));
    }
}
