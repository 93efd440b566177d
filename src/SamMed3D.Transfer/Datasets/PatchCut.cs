using System.Buffers;

namespace SamMed3D.Transfer;

/// <summary>
/// Cuts one patch of a case into the memory of a batch, in plain loops on the calling thread: a torch operation here would bring a team of threads
/// for every worker, and these teams would fight over the processors.
/// </summary>
/// <param name="one">The case.</param>
/// <param name="place">The case's voxel that is the patch's first, where the patch is not moved.</param>
/// <param name="size">Extents of the patch.</param>
/// <param name="spatial">How the patch is turned, scaled and bent; null for not at all.</param>
internal readonly struct PatchCut(IVoxelSource one, PatchPlace place, Size3 size, SpatialTransform? spatial)
{
    /// <summary>Cuts the image; what lies outside the case gets the case's values for it.</summary>
    /// <param name="patch">[C, X, Y, Z], to be filled.</param>
    public void Image(Span<float> patch)
    {
        if (spatial is null)
        {
            ReadImage(place, size, patch);
            return;
        }

        int count = checked(one.Channels * (int)spatial.BoxSize.Count);
        float[] rented = ArrayPool<float>.Shared.Rent(count);
        try
        {
            ReadImage(BoxPlace, spatial.BoxSize, rented.AsSpan(0, count));
            spatial.Image(rented.AsSpan(0, count), patch);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }

    /// <summary>Cuts the labels; outside is background.</summary>
    /// <param name="patch">[X, Y, Z], to be filled.</param>
    /// <param name="target">The label to be 1 while all others are 0; null to keep all as they are.</param>
    public void Labels(Span<long> patch, int? target = null)
    {
        int boxCount = checked((int)(spatial?.BoxSize ?? size).Count), patchCount = spatial is null ? 0 : patch.Length;
        int[] rented = ArrayPool<int>.Shared.Rent(boxCount + patchCount);
        Span<int> box = rented.AsSpan(0, boxCount), labels = rented.AsSpan(boxCount, patchCount);
        try
        {
            if (spatial is null)
            {
                ReadLabels(place, size, box);
                labels = box;
            }
            else
            {
                ReadLabels(BoxPlace, spatial.BoxSize, box);
                spatial.Labels<int>(box, labels);
            }

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

    private PatchPlace BoxPlace => new(place.X + spatial!.Begin.X, place.Y + spatial.Begin.Y, place.Z + spatial.Begin.Z);

    private void ReadImage(PatchPlace at, Size3 extents, Span<float> box)
    {
        int count = (int)extents.Count;
        bool isInside = IsInside(at, extents);
        for (var channel = 0; channel < one.Channels; channel++)
        {
            var voxels = box.Slice(channel * count, count);
            if (!isInside)
                voxels.Fill(one.OutsideValues[channel]);
            one.ReadImage(channel, at, extents, voxels);
        }
    }

    private void ReadLabels(PatchPlace at, Size3 extents, Span<int> box)
    {
        if (!IsInside(at, extents))
            box.Clear();
        one.ReadLabels(at, extents, box);
    }

    private bool IsInside(PatchPlace at, Size3 extents)
    {
        var whole = one.Geometry.Size;
        return at.X >= 0 && at.Y >= 0 && at.Z >= 0 && at.X + extents.X <= whole.X && at.Y + extents.Y <= whole.Y && at.Z + extents.Z <= whole.Z;
    }
}
