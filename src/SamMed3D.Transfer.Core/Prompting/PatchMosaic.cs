namespace SamMed3D.Transfer;

/// <summary>
/// Overlapping patches of logits on one grid, averaged with weights that fall toward each patch's edge, where a prediction has seen the
/// least around it.
/// </summary>
internal static class PatchMosaic
{
    /// <summary>Far from the object: sigmoid of it is 1e-13.</summary>
    private const float Nowhere = -30;

    /// <param name="grid">The grid that the patches lie on.</param>
    /// <param name="patches">Places, and logits [X, Y, Z], float32, on the CPU.</param>
    /// <returns>[1, X, Y, Z] on the part of the grid that the patches cover; the caller owns it.</returns>
    public static Volume Join(Geometry grid, IReadOnlyList<(CropOrPad Place, Tensor Logits)> patches)
    {
        int Low(CropOrPad place, int axis) => Math.Max(0, place.Begin[axis]);
        int High(CropOrPad place, int axis) => Math.Min(grid.Size[axis], place.Begin[axis] + place.Geometry.Size[axis]);
        int[] begin = [.. Enumerable.Range(0, 3).Select(axis => patches.Min(patch => Low(patch.Place, axis)))];
        int[] extent = [.. Enumerable.Range(0, 3).Select(axis => patches.Max(patch => High(patch.Place, axis)) - begin[axis])];
        using var scope = NewDisposeScope();
        var window = CropOrPad.At(grid, begin, new Size3(extent[0], extent[1], extent[2]));
        if (patches is [var (only, whole)])
        {
            for (int axis = 0; axis < 3; axis++)
                whole = whole.narrow(axis, begin[axis] - only.Begin[axis], extent[axis]);
            return new Volume(whole.unsqueeze(0).contiguous(), window.Geometry);
        }

        var sums = zeros([extent[0], extent[1], extent[2]]);
        var weights = zeros_like(sums);
        foreach (var (place, logits) in patches)
        {
            var (to, toWeights) = (sums, weights);
            var (from, weight) = (logits, Weights(place.Geometry.Size));
            for (int axis = 0; axis < 3; axis++)
            {
                int low = Low(place, axis), length = High(place, axis) - low;
                (to, toWeights) = (to.narrow(axis, low - begin[axis], length), toWeights.narrow(axis, low - begin[axis], length));
                (from, weight) = (from.narrow(axis, low - place.Begin[axis], length), weight.narrow(axis, low - place.Begin[axis], length));
            }

            to.add_(from * weight);
            toWeights.add_(weight);
        }

        var joined = where(weights > 0, sums / weights.clamp_min(1e-12), full_like(sums, Nowhere));
        return new Volume(joined.unsqueeze(0).contiguous().MoveToOuterDisposeScope(), window.Geometry);
    }

    private static Tensor Weights(Size3 size)
    {
        static Tensor Tent(int length) => minimum(arange(length, ScalarType.Float32) + 0.5, length - 0.5 - arange(length, ScalarType.Float32)) / length;
        return Tent(size.X).view(-1, 1, 1) * Tent(size.Y).view(1, -1, 1) * Tent(size.Z).view(1, 1, -1);
    }
}
