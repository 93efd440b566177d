using System.Runtime.InteropServices;

namespace SamMed3D.Transfer;

/// <summary>The surface of one mask: where its elements are on their grid, and how much each weighs.</summary>
internal sealed class SurfaceSide
{
    private SurfaceSide(Size3 grid)
    {
        Grid = grid;
        IsElsewhere = new bool[grid.Count];
        Array.Fill(IsElsewhere, true);
    }

    /// <summary>The grid of voxels, or that of their corners, which has one more along each axis.</summary>
    public Size3 Grid { get; }

    /// <summary>False on the surface.</summary>
    public bool[] IsElsewhere { get; }

    /// <summary>Index of each element in the grid.</summary>
    public List<int> Places { get; } = [];

    /// <summary>mm2, or 1 for each border voxel.</summary>
    public List<double> Weights { get; } = [];

    /// <summary>Finds the surface; outside the box is background.</summary>
    public static SurfaceSide Of(ReadOnlySpan<bool> mask, Size3 size, Double3 spacing, SurfaceConvention convention) =>
        convention == SurfaceConvention.AreaWeighted ? Corners(mask, size, SurfacePatterns.Areas(spacing)) : Border(mask, size);

    private static SurfaceSide Corners(ReadOnlySpan<bool> mask, Size3 size, double[] areas)
    {
        var side = new SurfaceSide(new Size3(size.X + 1, size.Y + 1, size.Z + 1));
        var nothing = new byte[size.Z];
        var inside = MemoryMarshal.AsBytes(mask);
        int place = 0;
        for (var x = 0; x <= size.X; x++)
            for (var y = 0; y <= size.Y; y++)
            {
                // The four lines of voxels around this line of corners.
                var lowLow = Line(inside, x - 1, y - 1, size, nothing);
                var lowHigh = Line(inside, x - 1, y, size, nothing);
                var highLow = Line(inside, x, y - 1, size, nothing);
                var highHigh = Line(inside, x, y, size, nothing);
                int before = 0;
                for (var z = 0; z <= size.Z; z++, place++)
                {
                    int behind = z == size.Z ? 0 : lowLow[z] << 6 | lowHigh[z] << 4 | highLow[z] << 2 | highHigh[z];
                    int code = before << 1 | behind;
                    before = behind;
                    if (code is not (0 or 255))
                        side.Add(place, areas[code]);
                }
            }

        return side;
    }

    private static ReadOnlySpan<byte> Line(ReadOnlySpan<byte> voxels, int x, int y, Size3 size, byte[] nothing) =>
        x < 0 || y < 0 || x == size.X || y == size.Y ? nothing : voxels.Slice((x * size.Y + y) * size.Z, size.Z);

    private static SurfaceSide Border(ReadOnlySpan<bool> mask, Size3 size)
    {
        var side = new SurfaceSide(size);
        int place = 0, plane = size.Y * size.Z;
        for (var x = 0; x < size.X; x++)
            for (var y = 0; y < size.Y; y++)
                for (var z = 0; z < size.Z; z++, place++)
                    if (mask[place] && (x == 0 || y == 0 || z == 0 || x == size.X - 1 || y == size.Y - 1 || z == size.Z - 1
                        || !mask[place - plane] || !mask[place + plane] || !mask[place - size.Z] || !mask[place + size.Z]
                        || !mask[place - 1] || !mask[place + 1]))
                        side.Add(place, 1);
        return side;
    }

    /// <summary>The distance of each element to the nearest of the other surface, with its weight, nearest first.</summary>
    public (double[] Distances, double[] Weights) To(SurfaceSide other, Double3 spacing)
    {
        var distances = new double[Places.Count];
        double[] weights = [.. Weights];
        if (other.Places.Count == 0 || distances.Length == 0)
        {
            Array.Fill(distances, double.PositiveInfinity);
            return (distances, weights);
        }

        double[] squared = DistanceTransform.SquaredInside(other.IsElsewhere, Grid, spacing, isBorderOutside: false);
        for (var element = 0; element < distances.Length; element++)
            distances[element] = Math.Sqrt(squared[Places[element]]);
        Array.Sort(distances, weights);
        return (distances, weights);
    }

    private void Add(int place, double weight)
    {
        Places.Add(place);
        Weights.Add(weight);
        IsElsewhere[place] = false;
    }
}
