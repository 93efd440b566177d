namespace SamMed3D.Transfer;

/// <summary>A voxel of a volume, counted from 0 along X, Y, Z.</summary>
public readonly record struct VoxelIndex(int X, int Y, int Z)
{
    /// <summary>Such as "12,40,7".</summary>
    public override string ToString() => $"{X},{Y},{Z}";
}
