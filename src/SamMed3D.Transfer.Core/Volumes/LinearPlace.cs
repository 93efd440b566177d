namespace SamMed3D.Transfer;

/// <summary>A place between eight voxels: the lowest one's position in memory, the way to its neighbours, and the share of each.</summary>
internal readonly record struct LinearPlace(int Start, int StepX, int StepY, int StepZ, double X, double Y, double Z)
{
    /// <summary>Whether all eight voxels hold the same.</summary>
    public bool IsUniform(ReadOnlySpan<int> voxels)
    {
        int value = voxels[Start];
        return IsLine(voxels, Start, value) && IsLine(voxels, Start + StepY, value)
            && IsLine(voxels, Start + StepX, value) && IsLine(voxels, Start + StepX + StepY, value);
    }

    /// <summary>The value interpolated linearly.</summary>
    public double Blend(ReadOnlySpan<float> voxels) =>
        (1 - X) * Plane(voxels, Start) + X * Plane(voxels, Start + StepX);

    private double Plane(ReadOnlySpan<float> voxels, int start) =>
        (1 - Y) * Line(voxels, start) + Y * Line(voxels, start + StepY);

    private double Line(ReadOnlySpan<float> voxels, int start) =>
        (1 - Z) * voxels[start] + Z * voxels[start + StepZ];

    private bool IsLine(ReadOnlySpan<int> voxels, int start, int value) => voxels[start] == value && voxels[start + StepZ] == value;
}
