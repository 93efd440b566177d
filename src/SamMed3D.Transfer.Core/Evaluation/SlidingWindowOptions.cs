namespace SamMed3D.Transfer;

/// <summary>How a volume is cut into windows and put together again.</summary>
public sealed record SlidingWindowOptions
{
    /// <summary>Extents of a window, in voxels: the size that the network takes.</summary>
    public Size3 Window { get; init; } = 128;

    /// <summary>Share of a window that the next one covers again along each axis, from 0 up to but not including 1.</summary>
    public double Overlap { get; init; } = 0.5;

    /// <summary>How overlapping windows are averaged.</summary>
    public WindowBlend Blend { get; init; } = WindowBlend.Gaussian;

    /// <summary>Standard deviation of the Gaussian, as a share of the window along each axis. nnU-Net and MONAI use 1/8.</summary>
    public double SigmaScale { get; init; } = 0.125;

    /// <summary>Windows that the network sees at once. Changes speed and memory, not the result.</summary>
    public int BatchSize { get; init; } = 1;

    /// <summary>
    /// What the model multiplies in meanwhile; null for what it is set to anyway: in validation that of the training, in prediction float32.
    /// Windows are summed up in float32 in any case.
    /// </summary>
    public ComputePrecision? Precision { get; init; }

    /// <summary>These options, once they are known to make sense.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public SlidingWindowOptions Validated()
    {
        if (Window.X < 1 || Window.Y < 1 || Window.Z < 1)
            throw new ArgumentException($"A window of {Window} voxels is empty; give three positive extents.");
        if (!(Overlap >= 0 && Overlap < 1))
            throw new ArgumentException($"Overlap {Overlap} is not in [0, 1).");
        if (!(SigmaScale > 0))
            throw new ArgumentException($"SigmaScale {SigmaScale} is not positive.");
        if (BatchSize < 1)
            throw new ArgumentException($"BatchSize {BatchSize} is not positive.");
        return this;
    }
}
