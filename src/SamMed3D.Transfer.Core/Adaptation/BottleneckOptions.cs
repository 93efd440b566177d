namespace SamMed3D.Transfer;

/// <summary>
/// Bottleneck adapters: down to a few channels, ReLU, up again. They start at zero, so that the encoder starts as it was pretrained.
/// </summary>
public sealed record BottleneckOptions : AdapterOptions
{
    /// <summary>Channels of the bottleneck.</summary>
    public int Width { get; init; } = 64;

    /// <summary>Where they stand.</summary>
    public BottleneckPlacement Placement { get; init; } = BottleneckPlacement.Parallel;

    /// <summary>Their output counts so many times (AdaptFormer has 0.1).</summary>
    public double Scale { get; init; } = 1;

    /// <inheritdoc/>
    public override AdapterOptions Validated()
    {
        if (Width < 1)
            throw new ArgumentException($"Width is {Width}; it must be at least 1.", nameof(Width));
        if (Scale == 0 || !double.IsFinite(Scale))
            throw new ArgumentException($"Scale is {Scale}; it must be a number other than 0.", nameof(Scale));
        return this;
    }
}
