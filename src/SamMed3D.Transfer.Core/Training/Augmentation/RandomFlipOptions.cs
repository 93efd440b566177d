namespace SamMed3D.Transfer;

/// <summary>Which axes are mirrored at random.</summary>
public sealed record RandomFlipOptions
{
    /// <summary>
    /// The axes: 0 left-right, 1 back-front, 2 down-up. Empty by default: mirroring an axis is right only where no class means a side of it
    /// (left and right kidney; anterior and posterior hippocampus).
    /// </summary>
    public IReadOnlyList<int> Axes { get; init; } = [];

    /// <summary>Probability of mirroring each of them, independently.</summary>
    public double Probability { get; init; } = 0.5;

    /// <summary>These options, once they are known to make sense.</summary>
    /// <exception cref="ArgumentException">An axis or the probability is out of range, or an axis is named twice.</exception>
    public RandomFlipOptions Validated()
    {
        foreach (int axis in Axes)
            if (axis is < 0 or > 2)
                throw new ArgumentException($"Axes name {axis}, which is none of 0, 1 and 2.");
        if (Axes.Distinct().Count() != Axes.Count)
            throw new ArgumentException($"Axes [{string.Join(", ", Axes)}] name an axis twice.");
        if (!(Probability >= 0 && Probability <= 1))
            throw new ArgumentException(FormattableString.Invariant($"Probability {Probability} is not in [0, 1]."));
        return this;
    }
}
