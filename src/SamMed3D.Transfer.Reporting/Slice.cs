namespace SamMed3D.Transfer;

/// <summary>A plane through a canonical (RAS+) grid, as it is shown: the patient's right on the left (anterior on the left in the sagittal plane), up is anterior or superior.</summary>
/// <param name="Size">The grid.</param>
/// <param name="Axis">The axis across the plane: 2 axial, 1 coronal, 0 sagittal.</param>
/// <param name="At">The voxel on that axis.</param>
internal readonly record struct Slice(Size3 Size, int Axis, int At)
{
    /// <summary>The axis that runs from right to left of the picture, against it.</summary>
    public int AcrossAxis => Axis == 0 ? 1 : 0;

    /// <summary>The axis that runs up.</summary>
    public int UpAxis => Axis == 2 ? 1 : 2;

    public int Width => Size[AcrossAxis];

    public int Height => Size[UpAxis];

    /// <summary>The voxel's place in memory, Z fastest.</summary>
    public int Index(int column, int row)
    {
        Span<int> voxel = stackalloc int[3];
        voxel[Axis] = At;
        voxel[AcrossAxis] = Width - 1 - column;
        voxel[UpAxis] = Height - 1 - row;
        return (voxel[0] * Size.Y + voxel[1]) * Size.Z + voxel[2];
    }
}
