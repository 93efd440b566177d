namespace SamMed3D.Transfer;

/// <summary>
/// A grid cut into cubes of 32 voxels a side (smaller at the far faces), which are numbered with Z fastest. A patch of 128^3 touches at most
/// 125 of them, twice its own voxels; smaller cubes would mean many small reads, larger ones much that is not needed.
/// </summary>
internal readonly struct ChunkGrid(Size3 size)
{
    /// <summary>Voxels along each side of a chunk.</summary>
    public const int Edge = 32;

    /// <summary>Voxels of a whole chunk.</summary>
    public const int Voxels = Edge * Edge * Edge;

    private readonly Size3 _counts = new((size.X + Edge - 1) / Edge, (size.Y + Edge - 1) / Edge, (size.Z + Edge - 1) / Edge);

    /// <summary>Number of chunks.</summary>
    public int Count => (int)_counts.Count;

    /// <summary>Where a chunk begins.</summary>
    public PatchPlace Begin(int chunk) =>
        new(chunk / (_counts.Y * _counts.Z) * Edge, chunk / _counts.Z % _counts.Y * Edge, chunk % _counts.Z * Edge);

    /// <summary>Extents of a chunk.</summary>
    public Size3 Extents(int chunk)
    {
        var begin = Begin(chunk);
        return new(Math.Min(Edge, size.X - begin.X), Math.Min(Edge, size.Y - begin.Y), Math.Min(Edge, size.Z - begin.Z));
    }

    /// <summary>The chunks that a box touches, in order; the box may reach beyond the grid.</summary>
    public IEnumerable<int> Touching(PatchPlace place, Size3 box)
    {
        var (x0, x1) = Range(place.X, box.X, size.X);
        var (y0, y1) = Range(place.Y, box.Y, size.Y);
        var (z0, z1) = Range(place.Z, box.Z, size.Z);
        for (int x = x0; x <= x1; x++)
            for (int y = y0; y <= y1; y++)
                for (int z = z0; z <= z1; z++)
                    yield return (x * _counts.Y + y) * _counts.Z + z;
    }

    /// <summary>First and last chunk along an axis; the last is before the first where there is none.</summary>
    private static (int First, int Last) Range(int begin, int extent, int size)
    {
        int first = Math.Max(begin, 0), last = Math.Min(begin + extent, size) - 1;
        return last < first ? (0, -1) : (first / Edge, last / Edge);
    }
}
