namespace SamMed3D.Transfer;

/// <summary>How training patches are cut from the preprocessed cases.</summary>
public sealed record PatchOptions
{
    /// <summary>Voxels of a patch.</summary>
    public Size3 PatchSize { get; init; } = 128;

    /// <summary>
    /// Share of the patches that are centred on a voxel of a class, as in nnU-Net (which rounds it to a fixed number per batch; here
    /// it holds on average for every batch size). The class is drawn from those that the case has, so that a small organ is seen as
    /// often as a large one. The other patches lie anywhere.
    /// </summary>
    public double ForegroundFraction { get; init; } = 1.0 / 3;

    /// <summary>
    /// Where a case is smaller than the patch: whether it lies anywhere in the patch (true) or in its middle. In small crops around
    /// an organ the place alone tells the class, and a network that is always shown the same place learns that instead of the image.
    /// </summary>
    public bool JittersSmallCases { get; init; } = true;

    /// <summary>Voxels of a class that are remembered for centring, at most; a seeded sample where a case has more.</summary>
    public int RememberedVoxels { get; init; } = 10_000;

    /// <summary>These options, when they make sense.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public PatchOptions Validated()
    {
        if (PatchSize.X < 1 || PatchSize.Y < 1 || PatchSize.Z < 1)
            throw new ArgumentException($"Expected a PatchSize of at least one voxel on each axis, got {PatchSize}.");
        if (!(ForegroundFraction is >= 0 and <= 1))
            throw new ArgumentException($"Expected a ForegroundFraction from 0 to 1, got {ForegroundFraction}.");
        if (RememberedVoxels < 1)
            throw new ArgumentException($"Expected RememberedVoxels of 1 or more, got {RememberedVoxels}.");
        return this;
    }
}
