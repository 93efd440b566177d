namespace SamMed3D.Transfer;

/// <summary>A range to draw a number from, ends included; a single number where both ends are equal.</summary>
/// <param name="Low">The lowest value.</param>
/// <param name="High">The highest value.</param>
public readonly record struct ValueRange(double Low, double High)
{
    /// <summary>Always the same number.</summary>
    public static implicit operator ValueRange(double value) => new(value, value);

    /// <summary>Always the same number.</summary>
    public static ValueRange FromDouble(double value) => value;

    /// <summary>Such as "0.7 to 1.4".</summary>
    public override string ToString() => FormattableString.Invariant($"{Low} to {High}");

    /// <summary>A number of the range, each as likely as any other.</summary>
    public double Draw(RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return random.Uniform(Low, High);
    }

    /// <summary>A factor: where the range lies on both sides of 1, below and above are equally likely, as in nnU-Net.</summary>
    internal double DrawFactor(RandomStream random)
    {
        bool isBelow = random.Uniform() < 0.5;
        var side = Low < 1 && High > 1 ? isBelow ? this with { High = 1 } : this with { Low = 1 } : this;
        return side.Draw(random);
    }

    /// <summary>Refuses a range that is no range, or goes beyond what makes sense.</summary>
    internal void Require(string name, double least, double most)
    {
        if (!(Low <= High && Low >= least && High <= most))
            throw new ArgumentException(FormattableString.Invariant($"{name} is {this}; expected two rising numbers from {least} to {most}."));
    }

    /// <summary>Refuses a number that is no probability.</summary>
    internal static void RequireProbability(string name, double value)
    {
        if (!(value >= 0 && value <= 1))
            throw new ArgumentException(FormattableString.Invariant($"{name} {value} is not in [0, 1]."));
    }
}
