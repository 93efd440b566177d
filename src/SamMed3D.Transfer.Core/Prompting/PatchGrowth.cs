namespace SamMed3D.Transfer;

/// <summary>
/// Follows an object beyond a patch as SAM-Med3D's paper describes: where the prediction touches the patch's edge and the image goes on,
/// a patch is added that way, overlapping by half.
/// </summary>
internal static class PatchGrowth
{
    /// <summary>Foreground voxels on a face that count as touching it: those of one low-resolution cell of the published model.</summary>
    private const int TouchingVoxels = 16;

    /// <summary>The patches next to one whose object reaches over its edge.</summary>
    /// <param name="image">Voxels of the image.</param>
    /// <param name="patch">First voxel of the patch; negative where it reaches beyond the image.</param>
    /// <param name="logits">[X, Y, Z], the patch's prediction.</param>
    /// <returns>Where each begins, and the voxels just beyond the edge where the object is expected to go on, on the image.</returns>
    public static IReadOnlyList<(Size3 Begin, PlacedBox Beyond)> Next(Size3 image, Size3 patch, Tensor logits)
    {
        using var scope = NewDisposeScope();
        var foreground = logits > 0;
        var next = new List<(Size3, PlacedBox)>();
        for (int axis = 0; axis < 3; axis++)
        {
            int size = (int)logits.shape[axis], begin = patch[axis], half = size / 2;
            if (begin > 0 && Touching(foreground, patch, axis, 0) is { } before)
                next.Add((With(patch, axis, Math.Max(0, begin - half)), Moved(before, axis, -1)));
            if (begin + size < image[axis] && Touching(foreground, patch, axis, size - 1) is { } after)
                next.Add((With(patch, axis, Math.Min(image[axis] - size, begin + half)), Moved(after, axis, 1)));
        }

        return next;
    }

    /// <summary>
    /// The voxel of a neighbouring patch where the prediction of the first patch is surest, looking at what surrounds it: a click for a
    /// patch in which none is visible.
    /// </summary>
    /// <param name="logits">[X, Y, Z] of the first patch.</param>
    /// <param name="from">Where the first patch begins.</param>
    /// <param name="to">Where the neighbour, of the same size, begins.</param>
    /// <returns>In voxels of the neighbour; null where nothing of the object lies in both.</returns>
    public static Size3? SurestPlace(Tensor logits, Size3 from, Size3 to)
    {
        // Cells of 4^3 voxels, the model's own resolution, and their neighbours.
        const int cell = 4;
        using var scope = NewDisposeScope();
        var shared = logits;
        var begin = new int[3];
        for (int axis = 0; axis < 3; axis++)
        {
            int size = (int)logits.shape[axis];
            begin[axis] = Math.Max(0, to[axis] - from[axis]);
            int end = Math.Min(size, to[axis] - from[axis] + size);
            if (end - begin[axis] < cell)
                return null;
            shared = shared.narrow(axis, begin[axis], end - begin[axis]);
        }

        var cells = functional.avg_pool3d(shared.sigmoid().unsqueeze(0).unsqueeze(0), [cell, cell, cell]);
        // Padded here: the pooling's own padding refuses what is smaller than its kernel.
        var surroundings = functional.avg_pool3d(functional.pad(cells, [1, 1, 1, 1, 1, 1]), [3, 3, 3], [1, 1, 1]);
        var inside = where(cells > 0.5, surroundings, zeros_like(cells) - 1)[0, 0];
        long best = inside.argmax().item<long>();
        if (inside.flatten()[best].item<float>() < 0)
            return null;
        long y = inside.shape[1], z = inside.shape[2];
        int Place(int axis, long index) => cell * (int)index + cell / 2 + begin[axis] + from[axis] - to[axis];
        return new Size3(Place(0, best / (y * z)), Place(1, best / z % y), Place(2, best % z));
    }

    /// <summary>The box of the foreground on a face, on the image; null where it is too little.</summary>
    private static PlacedBox? Touching(Tensor foreground, Size3 patch, int axis, int face)
    {
        var touched = foreground.narrow(axis, face, 1).nonzero();
        if (touched.shape[0] < TouchingVoxels)
            return null;
        var (low, high) = (touched.amin([0]).data<long>(), touched.amax([0]).data<long>());
        int Place(int along, long index) => patch[along] + (along == axis ? face : (int)index);
        return new PlacedBox(
            new(Place(0, low[0]), Place(1, low[1]), Place(2, low[2])), new(Place(0, high[0]), Place(1, high[1]), Place(2, high[2])));
    }

    private static PlacedBox Moved(PlacedBox box, int axis, int step) =>
        new(With(box.Low, axis, box.Low[axis] + step), With(box.High, axis, box.High[axis] + step));

    private static Size3 With(Size3 place, int axis, int value) => new(
        axis == 0 ? value : place.X, axis == 1 ? value : place.Y, axis == 2 ? value : place.Z);
}
