namespace SamMed3D.Transfer;

/// <summary>The axes of a file, the fastest first, and what each of them is.</summary>
internal sealed record StoredAxes
{
    /// <summary>Says what is along the axes.</summary>
    /// <param name="extents">Length of each axis, at least 1.</param>
    /// <param name="isSpatial">
    /// For each axis whether it is one of space. The first three of space are X, Y and Z; all others are channels.
    /// </param>
    public StoredAxes(IReadOnlyList<long> extents, IReadOnlyList<bool> isSpatial)
    {
        Extents = extents;
        int next = 0;
        Places = [.. isSpatial.Select(one => one && next < 3 ? next++ : Channel)];
        IsPlanar = !Places.SkipWhile(place => place != Channel).Any(place => place != Channel);
    }

    /// <summary>The place of an axis that is not one of space.</summary>
    public const int Channel = -1;

    /// <summary>Length of each axis.</summary>
    public IReadOnlyList<long> Extents { get; }

    /// <summary>For each axis 0, 1 or 2 (X, Y or Z), or <see cref="Channel"/>.</summary>
    public IReadOnlyList<int> Places { get; }

    /// <summary>Whether the voxels of each channel lie together.</summary>
    public bool IsPlanar { get; }

    /// <summary>Product of all axes that are not of space.</summary>
    public long Channels => Extents.Where((_, axis) => Places[axis] == Channel).Aggregate(1L, (product, extent) => checked(product * extent));

    /// <summary>Number of stored values.</summary>
    public long Count => Extents.Aggregate(1L, (product, extent) => checked(product * extent));

    /// <summary>Voxels along X, Y and Z; 1 where the file has no such axis.</summary>
    /// <exception cref="InvalidDataException">There are too many voxels or channels.</exception>
    public Size3 Size(string path)
    {
        long[] extents = [1, 1, 1];
        for (int axis = 0; axis < Extents.Count; axis++)
            if (Places[axis] != Channel)
                extents[Places[axis]] = Extents[axis];
        if ((double)extents[0] * extents[1] * extents[2] > int.MaxValue)
            throw BrokenFile.Because(path, $"the size is too large: {string.Join(" x ", extents)} voxels, at most {int.MaxValue} are supported");
        if (Channels > int.MaxValue)
            throw BrokenFile.Because(path, $"the size is too large: {Channels} channels, at most {int.MaxValue} are supported");
        return new((int)extents[0], (int)extents[1], (int)extents[2]);
    }

    /// <summary>Refuses extents that make no sense, before they are multiplied.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="field">Name of the field in the format, for messages.</param>
    /// <param name="extents">What the header says.</param>
    /// <exception cref="InvalidDataException">An extent is below 1, or the product is beyond any file.</exception>
    public static void RequireSound(string path, string field, IReadOnlyList<long> extents)
    {
        if (extents.Any(extent => extent < 1))
            throw BrokenFile.Because(path, $"{field} is {string.Join(" ", extents)}, expected sizes of at least 1");
        if (extents.Aggregate(1.0, (product, extent) => product * extent) > long.MaxValue / 16)
            throw BrokenFile.Because(path, $"{field} is too large: {string.Join(" x ", extents)} voxels");
    }

    /// <summary>Such as "7 x 6 x 5".</summary>
    public override string ToString() => string.Join(" x ", Extents);
}
