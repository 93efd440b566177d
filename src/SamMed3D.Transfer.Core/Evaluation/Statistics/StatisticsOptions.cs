namespace SamMed3D.Transfer;

/// <summary>How arms are compared.</summary>
public sealed record StatisticsOptions
{
    /// <summary>The chance of any false claim among the arms of one label budget.</summary>
    public double Level { get; init; } = 0.05;

    /// <summary>The coverage of each arm's interval, which is not corrected for the number of arms.</summary>
    public double IntervalLevel { get; init; } = 0.95;

    /// <summary>The probability with which the minimum detectable effect would have been found.</summary>
    public double Power { get; init; } = 0.8;

    /// <summary>Resamples of the bootstrap.</summary>
    public int Resamples { get; init; } = BootstrapInterval.DefaultResamples;

    /// <summary>Seed of the bootstrap.</summary>
    public long Seed { get; init; } = 20231015;

    /// <summary>Returns itself when it makes sense.</summary>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public StatisticsOptions Validated()
    {
        foreach (var (name, value) in new[] { (nameof(Level), Level), (nameof(IntervalLevel), IntervalLevel), (nameof(Power), Power) })
            if (!(value > 0 && value < 1))
                throw new ArgumentException($"{name} is {value}; expected a number between 0 and 1.");
        if (Resamples < 100)
            throw new ArgumentException($"{nameof(Resamples)} is {Resamples}; expected at least 100, better 10000.");
        return this;
    }
}
