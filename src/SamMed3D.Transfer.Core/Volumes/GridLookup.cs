namespace SamMed3D.Transfer;

/// <summary>
/// Where the voxels of one grid fall in another. Indices are rounded to 1e-6, so that the last bits of the arithmetic don't decide
/// what is half-way or outside.
/// </summary>
internal readonly struct GridLookup(Geometry source, Geometry target)
{
    private const double Precision = 1e6;
    private readonly Affine _toSource = source.Affine.Inverse().After(target.Affine);
    private readonly Size3 _size = source.Size;

    /// <summary>The nearest voxel's position in memory, or -1 outside.</summary>
    public int Nearest(int x, int y, int z)
    {
        var index = new Double3(x, y, z);
        double i = Math.Floor(Round(_toSource.X.Apply(index)) + 0.5);
        double j = Math.Floor(Round(_toSource.Y.Apply(index)) + 0.5);
        double k = Math.Floor(Round(_toSource.Z.Apply(index)) + 0.5);
        return i >= 0 && i < _size.X && j >= 0 && j < _size.Y && k >= 0 && k < _size.Z
            ? ((int)i * _size.Y + (int)j) * _size.Z + (int)k
            : -1;
    }

    /// <summary>The eight voxels around the place and their weights, or nothing outside.</summary>
    public LinearPlace? Linear(int x, int y, int z)
    {
        var index = new Double3(x, y, z);
        double i = Round(_toSource.X.Apply(index)), j = Round(_toSource.Y.Apply(index)), k = Round(_toSource.Z.Apply(index));
        if (!(i >= -0.5 && i < _size.X - 0.5 && j >= -0.5 && j < _size.Y - 0.5 && k >= -0.5 && k < _size.Z - 0.5))
            return null;
        i = Math.Clamp(i, 0, _size.X - 1);
        j = Math.Clamp(j, 0, _size.Y - 1);
        k = Math.Clamp(k, 0, _size.Z - 1);
        (int lowI, int lowJ, int lowK) = ((int)i, (int)j, (int)k);
        return new LinearPlace(
            (lowI * _size.Y + lowJ) * _size.Z + lowK,
            lowI + 1 < _size.X ? _size.Y * _size.Z : 0, lowJ + 1 < _size.Y ? _size.Z : 0, lowK + 1 < _size.Z ? 1 : 0,
            i - lowI, j - lowJ, k - lowK);
    }

    private static double Round(double value) => Math.Round(value * Precision) / Precision;
}
