namespace SamMed3D.Transfer.Tests;

public sealed class LearningRateScheduleTests
{
    private static readonly TrainingOptions Options = new() { Steps = 110, WarmupSteps = 10, LearningRate = 2 };

    [Theory]
    [InlineData(RateSchedule.Cosine, 0, 0.2)]
    [InlineData(RateSchedule.Cosine, 4, 1.0)]
    [InlineData(RateSchedule.Cosine, 9, 2.0)]
    [InlineData(RateSchedule.Cosine, 10, 2.0)]
    [InlineData(RateSchedule.Cosine, 35, 1.7071067811865475)]
    [InlineData(RateSchedule.Cosine, 60, 1.0)]
    [InlineData(RateSchedule.Cosine, 110, 0.0)]
    [InlineData(RateSchedule.Cosine, 500, 0.0)]
    [InlineData(RateSchedule.Polynomial, 60, 1.0717734625362931)]
    [InlineData(RateSchedule.Polynomial, 110, 0.0)]
    [InlineData(RateSchedule.Constant, 0, 0.2)]
    [InlineData(RateSchedule.Constant, 109, 2.0)]
    public void The_rate_warms_up_linearly_and_follows_its_shape(RateSchedule schedule, long step, double rate) =>
        Assert.Equal(rate, LearningRateSchedule.At(Options with { Schedule = schedule }, step), 1e-12);

    [Fact]
    public void The_rate_ends_at_the_stated_fraction()
    {
        var options = Options with { FinalRateFraction = 0.1 };

        Assert.Equal(0.2, LearningRateSchedule.At(options, 110), 1e-12);
        Assert.Equal(1.1, LearningRateSchedule.At(options, 60), 1e-12);
    }

    [Fact]
    public void Without_warm_up_the_first_step_has_the_full_rate() =>
        Assert.Equal(2, LearningRateSchedule.At(Options with { WarmupSteps = 0 }, 0));

    [Fact]
    public void Contradicting_options_are_refused_with_both_sides()
    {
        Assert.Contains("WarmupSteps 500 leaves nothing of Steps 100",
            Assert.Throws<ArgumentException>(() => new TrainingOptions { Steps = 100 }.Validated()).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new TrainingOptions { LearningRate = double.NaN }.Validated());
        Assert.Throws<ArgumentException>(() => new TrainingOptions { ClipNorm = -1 }.Validated());
        Assert.Same(Options, Options.Validated());
    }
}
