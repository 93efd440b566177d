namespace SamMed3D.Transfer;

/// <summary>
/// Moves voxels between files, whose first axis is fastest, and tensors, whose last axis is fastest, a slab of slices at a time:
/// tiles of one cache line in both directions, so that neither side is read or written voxel by voxel.
/// </summary>
internal static class VoxelOrder
{
    private const int Tile = 16;
    private const int LargestSlab = 1 << 22;

    /// <summary>How many slices make a slab.</summary>
    public static int SlicesPerSlab(Size3 size) => (int)Math.Clamp(LargestSlab / ((long)size.X * size.Y), 1, Math.Min(Tile, size.Z));

    /// <summary>Puts a slab, [slices, Y, X], into a volume, [X, Y, Z], from a slice on.</summary>
    public static void FromFile<T>(ReadOnlySpan<T> slab, Span<T> volume, Size3 size, int firstSlice)
    {
        int slices = slab.Length / (size.X * size.Y);
        for (int tile = 0; tile < size.X; tile += Tile)
            for (int y = 0; y < size.Y; y++)
                for (int x = tile; x < Math.Min(size.X, tile + Tile); x++)
                {
                    Span<T> line = volume.Slice((x * size.Y + y) * size.Z + firstSlice, slices);
                    for (int slice = 0, source = y * size.X + x; slice < line.Length; slice++, source += size.X * size.Y)
                        line[slice] = slab[source];
                }
    }

    /// <summary>Takes a slab, [slices, Y, X], out of a volume, [X, Y, Z], from a slice on.</summary>
    public static void ToFile<T>(ReadOnlySpan<T> volume, Span<T> slab, Size3 size, int firstSlice)
    {
        int slices = slab.Length / (size.X * size.Y);
        for (int tile = 0; tile < size.X; tile += Tile)
            for (int y = 0; y < size.Y; y++)
                for (int x = tile; x < Math.Min(size.X, tile + Tile); x++)
                {
                    ReadOnlySpan<T> line = volume.Slice((x * size.Y + y) * size.Z + firstSlice, slices);
                    for (int slice = 0, target = y * size.X + x; slice < line.Length; slice++, target += size.X * size.Y)
                        slab[target] = line[slice];
                }
    }
}
