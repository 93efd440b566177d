namespace SamMed3D.Transfer;

/// <summary>Multiplies the image by a factor, as nnU-Net's multiplicative brightness.</summary>
public sealed record Brightness() : IntensityAugmentation(0.15)
{
    /// <summary>The factor.</summary>
    public ValueRange Factor { get; init; } = new(0.75, 1.25);

    /// <summary>These options, once they are known to make sense.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public Brightness Validated()
    {
        ValueRange.RequireProbability(nameof(Probability), Probability);
        Factor.Require(nameof(Factor), 0, 100);
        return this;
    }

    private protected override void Change(Span<float> channel, Size3 size, RandomStream random)
    {
        float factor = (float)Factor.Draw(random);
        foreach (ref float value in channel)
            value *= factor;
    }
}
