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
    /// Axes along which windows are also shown mirrored, as in nnU-Net: 0 left-right, 1 back-front, 2 down-up. The logits of all combinations, 2^axes, are
    /// averaged, at as many times the cost. Empty by default: it is right only where the model was trained with such flips.
    /// </summary>
    public IReadOnlyList<int> MirrorAxes { get; init; } = [];

    /// <summary>
    /// Memory of the model's device, in MiB, that sums of windows may take there; larger ones are summed up on the CPU. Turn it down where a GPU runs
    /// out of memory, up where it has plenty. It means nothing where the model is on the CPU.
    /// </summary>
    public int DeviceSumsMiB { get; init; } = 4096;

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
        foreach (int axis in MirrorAxes)
            if (axis is < 0 or > 2)
                throw new ArgumentException($"MirrorAxes names {axis}, which is none of 0, 1 and 2.");
        if (MirrorAxes.Distinct().Count() != MirrorAxes.Count)
            throw new ArgumentException($"MirrorAxes [{string.Join(", ", MirrorAxes)}] names an axis twice.");
        if (DeviceSumsMiB < 0)
            throw new ArgumentException($"DeviceSumsMiB {DeviceSumsMiB} is below 0.");
        return this;
    }
}
