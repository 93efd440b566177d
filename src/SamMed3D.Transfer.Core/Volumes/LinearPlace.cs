namespace SamMed3D.Transfer;

/// <summary>A place between eight voxels: the lowest one's position in memory, the way to its neighbours, and the share of each.</summary>
internal readonly record struct LinearPlace(int Start, int StepX, int StepY, int StepZ, double X, double Y, double Z)
{
    /// <summary>The value interpolated linearly.</summary>
    public double Blend(ReadOnlySpan<float> voxels) =>
        (1 - X) * Plane(voxels, Start) + X * Plane(voxels, Start + StepX);

    private double Plane(ReadOnlySpan<float> voxels, int start) =>
        (1 - Y) * Line(voxels, start) + Y * Line(voxels, start + StepY);

    private double Line(ReadOnlySpan<float> voxels, int start) =>
        (1 - Z) * voxels[start] + Z * voxels[start + StepZ];
}
