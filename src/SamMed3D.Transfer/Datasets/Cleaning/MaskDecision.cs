namespace SamMed3D.Transfer;

/// <summary>What cleaning does with one class of one label map, and why.</summary>
public sealed record MaskDecision
{
    /// <summary>The label.</summary>
    public required int Value { get; init; }

    /// <summary>The name of the class.</summary>
    public required string ClassName { get; init; }

    /// <summary>Voxels before cleaning.</summary>
    public required long VoxelCount { get; init; }

    /// <summary>Volume before cleaning, in mm3.</summary>
    public required double Volume { get; init; }

    /// <summary>Sides of the box along the voxel axes, in mm; 0 for a class that is not there.</summary>
    public Double3 Sides { get; init; }

    /// <summary>The part of the volume's voxels that is not in the mask.</summary>
    public double BackgroundFraction { get; init; } = 1;

    /// <summary>The step that dropped the mask, 1 or 2; null when it is kept.</summary>
    public int? DroppedBy { get; init; }

    /// <summary>Why it was dropped; null when it is kept.</summary>
    public string? Reason { get; init; }

    /// <summary>Voxels of all components, largest first; empty when the mask is dropped.</summary>
    public IReadOnlyList<long> ComponentSizes { get; init; } = [];

    /// <summary>Voxels after step 3; 0 when the mask is dropped.</summary>
    public long KeptVoxelCount { get; init; }

    /// <summary>The x in mm that divides left from right; null for an organ that is not split.</summary>
    public double? Midline { get; init; }

    /// <summary>Voxels on the person's left; null for an organ that is not split.</summary>
    public long? LeftVoxelCount { get; init; }

    /// <summary>Voxels on the person's right; null for an organ that is not split.</summary>
    public long? RightVoxelCount { get; init; }

    /// <summary>Whether something of the mask stays.</summary>
    public bool IsKept => DroppedBy is null;

    /// <summary>Whether the label map has no voxel of the class: nothing to clean.</summary>
    public bool IsAbsent => VoxelCount == 0;

    /// <summary>The masks that come out: none, the whole, or the sides that have voxels, left before right.</summary>
    public IReadOnlyList<BodySide> Outcome => !IsKept ? []
        : Midline is null ? [BodySide.Whole]
        : [.. new[] { (BodySide.Left, LeftVoxelCount), (BodySide.Right, RightVoxelCount) }.Where(side => side.Item2 > 0).Select(side => side.Item1)];
}
