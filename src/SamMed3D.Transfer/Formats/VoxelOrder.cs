namespace SamMed3D.Transfer;

/// <summary>
/// Moves voxels between files, whose first axis is fastest, and tensors, whose last axis is fastest, a slab of slices at a time. Small
/// tiles go through a buffer in the cache, so that both sides are read and written in runs, whatever power of two their strides are.
/// </summary>
internal static class VoxelOrder
{
    private const int Tile = 32;
    private const int LargestSlab = 1 << 23;

    /// <summary>How many slices make a slab.</summary>
    public static int SlicesPerSlab(Size3 size) => (int)Math.Clamp(LargestSlab / ((long)size.X * size.Y), 1, Math.Min(Tile, size.Z));

    /// <summary>Puts a slab, [slices, Y, X], into a volume, [X, Y, Z], from a slice on.</summary>
    public static void FromFile<T>(ReadOnlySpan<T> slab, Span<T> volume, Size3 size, int firstSlice)
        where T : unmanaged
    {
        int slices = slab.Length / (size.X * size.Y);
        Span<T> tile = stackalloc T[Tile * Tile];
        for (int left = 0; left < size.X; left += Tile)
            for (int y = 0; y < size.Y; y++)
            {
                int width = Math.Min(Tile, size.X - left);
                for (int slice = 0; slice < slices; slice++)
                {
                    ReadOnlySpan<T> run = slab.Slice((slice * size.Y + y) * size.X + left, width);
                    for (int x = 0; x < run.Length; x++)
                        tile[x * Tile + slice] = run[x];
                }
                for (int x = 0; x < width; x++)
                    tile.Slice(x * Tile, slices).CopyTo(volume[(((left + x) * size.Y + y) * size.Z + firstSlice)..]);
            }
    }

    /// <summary>Takes a slab, [slices, Y, X], out of a volume, [X, Y, Z], from a slice on.</summary>
    public static void ToFile<T>(ReadOnlySpan<T> volume, Span<T> slab, Size3 size, int firstSlice)
        where T : unmanaged
    {
        int slices = slab.Length / (size.X * size.Y);
        Span<T> tile = stackalloc T[Tile * Tile];
        for (int left = 0; left < size.X; left += Tile)
            for (int y = 0; y < size.Y; y++)
            {
                int width = Math.Min(Tile, size.X - left);
                for (int x = 0; x < width; x++)
                    volume.Slice(((left + x) * size.Y + y) * size.Z + firstSlice, slices).CopyTo(tile[(x * Tile)..]);
                for (int slice = 0; slice < slices; slice++)
                {
                    Span<T> run = slab.Slice((slice * size.Y + y) * size.X + left, width);
                    for (int x = 0; x < run.Length; x++)
                        run[x] = tile[x * Tile + slice];
                }
            }
    }
}
