namespace SamMed3D.Transfer;

/// <summary>Adds a normally distributed number to every voxel.</summary>
public sealed record GaussianNoise() : IntensityAugmentation(0.1)
{
    /// <summary>Standard deviation of the noise, in the units of the normalised image.</summary>
    public ValueRange Deviation { get; init; } = new(0, 0.1);

    /// <summary>These options, once they are known to make sense.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public GaussianNoise Validated()
    {
        ValueRange.RequireProbability(nameof(Probability), Probability);
        Deviation.Require(nameof(Deviation), 0, 1e6);
        return this;
    }

    private protected override void Change(Span<float> channel, Size3 size, RandomStream random)
    {
        double deviation = Deviation.Draw(random);
        // Box and Muller give two numbers at a time.
        for (var voxel = 0; voxel < channel.Length; voxel += 2)
        {
            double length = deviation * Math.Sqrt(-2 * Math.Log(1 - random.Uniform()));
            var (sine, cosine) = Math.SinCos(2 * Math.PI * random.Uniform());
            channel[voxel] += (float)(length * cosine);
            if (voxel + 1 < channel.Length)
                channel[voxel + 1] += (float)(length * sine);
        }
    }
}
