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

    /// <summary>The axis of the target that runs along X of the source most closely, and whether it runs the same way.</summary>
    public (int Axis, bool IsRising) AlongX()
    {
        var row = _toSource.X;
        int axis = Math.Abs(row.I) >= Math.Abs(row.J) ? 0 : 1;
        axis = Math.Abs(row.K) > Math.Abs(row[axis]) ? 2 : axis;
        return (axis, row[axis] > 0);
    }

    /// <summary>The planes along X of the source that a plane of the target lies between; First is above Last where it is outside.</summary>
    /// <param name="axis">The axis that the plane is perpendicular to.</param>
    /// <param name="index">Its index on that axis.</param>
    /// <param name="target">Extents of the target.</param>
    public (int First, int Last) PlanesAround(int axis, int index, Size3 target)
    {
        double least = double.PositiveInfinity, most = double.NegativeInfinity;
        Span<double> at = stackalloc double[3];
        int other = (axis + 1) % 3, third = (axis + 2) % 3;
        // An affine map is largest and smallest at corners.
        for (int corner = 0; corner < 4; corner++)
        {
            at[axis] = index;
            at[other] = (corner & 1) == 0 ? 0 : target[other] - 1;
            at[third] = (corner & 2) == 0 ? 0 : target[third] - 1;
            double place = _toSource.X.Apply(new Double3(at[0], at[1], at[2]));
            (least, most) = (Math.Min(least, place), Math.Max(most, place));
        }

        // Twice what indices are rounded by, so that rounding leads to no other plane.
        const double margin = 2 / Precision;
        return most < -0.5 - margin || least > _size.X - 0.5 + margin
            ? (1, 0)
            : (PlaneBelow(least - margin, _size.X), Math.Min(PlaneBelow(most + margin, _size.X) + 1, _size.X - 1));

        static int PlaneBelow(double place, int length) => (int)Math.Clamp(Math.Floor(place), 0, length - 1);
    }

    private static double Round(double value) => Math.Round(value * Precision) / Precision;
}
