namespace SamMed3D.Transfer;

/// <summary>
/// Raises the intensities, brought to 0 to 1, to a power; afterwards they have the mean and deviation they had, as in nnU-Net.
/// </summary>
public sealed record Gamma() : IntensityAugmentation(0.4)
{
    /// <summary>The power. Below and above 1 are equally likely.</summary>
    public ValueRange Exponent { get; init; } = new(0.7, 1.5);

    /// <summary>Share of the changed channels whose intensities are turned round for it, so that the power acts on the bright end.</summary>
    public double InvertProbability { get; init; } = 0.25;

    /// <summary>These options, once they are known to make sense.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public Gamma Validated()
    {
        ValueRange.RequireProbability(nameof(Probability), Probability);
        ValueRange.RequireProbability(nameof(InvertProbability), InvertProbability);
        Exponent.Require(nameof(Exponent), 0.01, 100);
        return this;
    }

    private protected override void Change(Span<float> channel, Size3 size, RandomStream random)
    {
        bool isInverted = random.Uniform() < InvertProbability;
        float exponent = (float)Exponent.DrawFactor(random);
        var before = Moments.Of(channel);
        var (least, most) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (float value in channel)
            (least, most) = (Math.Min(least, value), Math.Max(most, value));
        if (exponent == 1 || !(most > least))
            return;
        float scale = 1 / (most - least);
        foreach (ref float value in channel)
            value = isInverted ? -MathF.Pow((most - value) * scale, exponent) : MathF.Pow((value - least) * scale, exponent);
        var after = Moments.Of(channel);
        double stretch = before.StandardDeviation / Math.Max(after.StandardDeviation, 1e-8);
        foreach (ref float value in channel)
            value = (float)((value - after.Mean) * stretch + before.Mean);
    }
}
