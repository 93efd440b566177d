namespace SamMed3D.Transfer;

/// <summary>Stretches the intensities about their mean; what would leave their range stays at its ends, as in nnU-Net.</summary>
public sealed record Contrast() : IntensityAugmentation(0.15)
{
    /// <summary>The factor by which the distance to the mean grows. Below and above 1 are equally likely.</summary>
    public ValueRange Factor { get; init; } = new(0.75, 1.25);

    /// <summary>These options, once they are known to make sense.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public Contrast Validated()
    {
        ValueRange.RequireProbability(nameof(Probability), Probability);
        Factor.Require(nameof(Factor), 0, 100);
        return this;
    }

    private protected override void Change(Span<float> channel, Size3 size, RandomStream random)
    {
        double factor = Factor.DrawFactor(random);
        if (factor == 1)
            return;
        var (least, most, sum) = (float.PositiveInfinity, float.NegativeInfinity, 0.0);
        foreach (float value in channel)
            (least, most, sum) = (Math.Min(least, value), Math.Max(most, value), sum + value);
        double mean = sum / channel.Length;
        foreach (ref float value in channel)
            value = Math.Clamp((float)((value - mean) * factor + mean), least, most);
    }
}
