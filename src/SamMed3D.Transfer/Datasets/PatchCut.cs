using System.Buffers;

namespace SamMed3D.Transfer;

/// <summary>
/// Cuts patches into the memory of a batch, in plain loops on the calling thread: a torch operation here would bring a team of threads for every
/// worker, and these teams would fight over the processors.
/// </summary>
internal static class PatchCut
{
    /// <summary>Cuts the image; what lies outside the case gets the case's values for it.</summary>
    /// <param name="one">The case.</param>
    /// <param name="place">The case's voxel that is the patch's first.</param>
    /// <param name="size">Extents of the patch.</param>
    /// <param name="patch">[C, X, Y, Z], to be filled.</param>
    public static void Image(IVoxelSource one, PatchPlace place, Size3 size, Span<float> patch)
    {
        int count = (int)size.Count;
        for (var channel = 0; channel < one.Channels; channel++)
        {
            var voxels = patch.Slice(channel * count, count);
            if (!IsInside(one, place, size))
                voxels.Fill(one.OutsideValues[channel]);
            one.ReadImage(channel, place, size, voxels);
        }
    }

    /// <summary>Cuts the labels; outside is background.</summary>
    /// <param name="one">The case.</param>
    /// <param name="place">The case's voxel that is the patch's first.</param>
    /// <param name="size">Extents of the patch.</param>
    /// <param name="patch">[X, Y, Z], to be filled.</param>
    /// <param name="target">The label to be 1 while all others are 0; null to keep all as they are.</param>
    public static void Labels(IVoxelSource one, PatchPlace place, Size3 size, Span<long> patch, int? target = null)
    {
        int[] rented = ArrayPool<int>.Shared.Rent(patch.Length);
        var labels = rented.AsSpan(0, patch.Length);
        try
        {
            if (!IsInside(one, place, size))
                labels.Clear();
            one.ReadLabels(place, size, labels);
            for (var voxel = 0; voxel < patch.Length; voxel++)
                patch[voxel] = target is null ? labels[voxel] : labels[voxel] == target ? 1 : 0;
        }
        finally
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }

    /// <summary>An error of a case, which may come from another thread, with the case in its message.</summary>
    public static InvalidDataException Named(string id, Exception error) =>
        error is InvalidDataException known && known.Message.Contains(id, StringComparison.Ordinal) ? known : new($"Case {id}: {error.Message}", error);

    private static bool IsInside(IVoxelSource one, PatchPlace place, Size3 size)
    {
        var whole = one.Geometry.Size;
        return place.X >= 0 && place.Y >= 0 && place.Z >= 0
            && place.X + size.X <= whole.X && place.Y + size.Y <= whole.Y && place.Z + size.Z <= whole.Z;
    }
}
