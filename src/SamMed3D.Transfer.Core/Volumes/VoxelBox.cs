namespace SamMed3D.Transfer;

/// <summary>A box of voxels, both corners included; empty where the last corner lies before the first.</summary>
internal readonly record struct VoxelBox(VoxelIndex First, VoxelIndex Last)
{
    /// <summary>The box that holds nothing and grows from there.</summary>
    public static VoxelBox Empty { get; } = new(
        new VoxelIndex(int.MaxValue, int.MaxValue, int.MaxValue), new VoxelIndex(int.MinValue, int.MinValue, int.MinValue));

    /// <summary>Whether it holds nothing.</summary>
    public bool IsEmpty => Last.X < First.X;

    /// <summary>Voxels along X, Y, Z.</summary>
    public Size3 Size => IsEmpty ? default : new Size3(Last.X - First.X + 1, Last.Y - First.Y + 1, Last.Z - First.Z + 1);

    /// <summary>The smallest box around a mask.</summary>
    public static VoxelBox Of(ReadOnlySpan<bool> mask, Size3 size)
    {
        var box = Empty;
        for (var x = 0; x < size.X; x++)
            for (var y = 0; y < size.Y; y++)
            {
                var line = mask.Slice((x * size.Y + y) * size.Z, size.Z);
                int first = line.IndexOf(true);
                if (first >= 0)
                    box = box.With(new VoxelBox(new VoxelIndex(x, y, first), new VoxelIndex(x, y, line.LastIndexOf(true))));
            }

        return box;
    }

    /// <summary>The smallest box around both.</summary>
    public VoxelBox With(VoxelBox other) => new(
        new VoxelIndex(Math.Min(First.X, other.First.X), Math.Min(First.Y, other.First.Y), Math.Min(First.Z, other.First.Z)),
        new VoxelIndex(Math.Max(Last.X, other.Last.X), Math.Max(Last.Y, other.Last.Y), Math.Max(Last.Z, other.Last.Z)));

    /// <summary>The voxels in the box, in C order.</summary>
    public bool[] Cut(ReadOnlySpan<bool> mask, Size3 size)
    {
        var (extent, cut) = (Size, new bool[Size.Count]);
        for (var x = 0; x < extent.X; x++)
            for (var y = 0; y < extent.Y; y++)
                mask.Slice(((First.X + x) * size.Y + First.Y + y) * size.Z + First.Z, extent.Z).CopyTo(cut.AsSpan((x * extent.Y + y) * extent.Z));
        return cut;
    }
}
