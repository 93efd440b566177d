namespace SamMed3D.Transfer;

/// <summary>
/// What a NIfTI header says, checked: https://nifti.nimh.nih.gov/nifti-1 and nifti-2. The unit field is not applied: offsets and
/// spacings count as mm, as in nibabel and hence in SAM-Med3D's own loader.
/// </summary>
public sealed record NiftiHeader
{
    /// <summary>1 or 2.</summary>
    public required int Version { get; init; }

    /// <summary>Whether header and voxels have the most significant byte first.</summary>
    public required bool IsBigEndian { get; init; }

    /// <summary>Whether the voxels are in a second file (.hdr and .img).</summary>
    public required bool IsPair { get; init; }

    /// <summary>Voxels along each axis, the fastest first; one to seven axes.</summary>
    public required IReadOnlyList<long> Shape { get; init; }

    /// <summary>Type of a stored voxel.</summary>
    public required VoxelType StoredType { get; init; }

    /// <summary>value = slope * stored + intercept; 1 when the file asks for no scaling.</summary>
    public required double Slope { get; init; }

    /// <summary>See <see cref="Slope"/>; 0 when the file asks for no scaling.</summary>
    public required double Intercept { get; init; }

    /// <summary>The header's own grid spacing of each axis. The affine, not this, says where voxels are.</summary>
    public required IReadOnlyList<double> Zooms { get; init; }

    /// <summary>Voxel index to mm, RAS+: the sform, else the qform, else reversed first axis around the volume's centre.</summary>
    public required Affine Affine { get; init; }

    /// <summary>
    /// How pixdim or the qform contradict the sform, which counts here as in nibabel, or that there is neither sform nor qform; null where all is
    /// clear.
    /// </summary>
    public string? Doubt { get; init; }

    /// <summary>Whether there is an sform or a qform.</summary>
    public bool IsPlaced { get; init; } = true;

    /// <summary>Where the voxels start in their file.</summary>
    public required long VoxelOffset { get; init; }

    /// <summary>Bytes of a stored voxel.</summary>
    public int BytesPerVoxel => StoredType.BytesPerVoxel();

    /// <summary>Number of stored voxels, all axes.</summary>
    public long VoxelCount => Shape.Aggregate(1L, (product, extent) => product * extent);
}
