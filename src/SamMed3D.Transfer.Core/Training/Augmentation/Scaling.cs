namespace SamMed3D.Transfer;

/// <summary>Makes what a patch shows larger or smaller, about its middle.</summary>
public sealed record Scaling
{
    /// <summary>Share of the patches that are scaled.</summary>
    public double Probability { get; init; } = 0.2;

    /// <summary>The factor: 2 shows things twice as long. Below and above 1 are equally likely.</summary>
    public ValueRange Factor { get; init; } = new(0.7, 1.4);

    /// <summary>Whether the three axes have one factor; else each draws its own.</summary>
    public bool IsIsotropic { get; init; } = true;

    /// <summary>These options, once they are known to make sense.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public Scaling Validated()
    {
        ValueRange.RequireProbability(nameof(Probability), Probability);
        Factor.Require(nameof(Factor), 0.1, 10);
        return this;
    }

    /// <summary>The factor along each axis.</summary>
    internal Double3 Draw(RandomStream random)
    {
        double x = Factor.DrawFactor(random), y = Factor.DrawFactor(random), z = Factor.DrawFactor(random);
        return IsIsotropic ? x : new Double3(x, y, z);
    }
}
