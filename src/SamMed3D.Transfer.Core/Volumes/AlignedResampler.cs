namespace SamMed3D.Transfer;

/// <summary>
/// Linear interpolation onto a grid whose axes are those of the source in another order, direction and spacing: the grid of an input
/// file, seen from what was made of it. The same numbers as <see cref="GridResampler"/>, axis by axis and so much faster.
/// </summary>
internal sealed class AlignedResampler
{
    private const double Precision = 1e6;
    private const long SlabVoxels = 1 << 20;

    private readonly Axis[] _axes;

    private AlignedResampler(Axis[] axes) => _axes = axes;

    /// <summary>How voxels of the target fall on one axis of the source.</summary>
    /// <param name="TargetAxis">The target's axis that runs along it.</param>
    /// <param name="First">The first target index inside.</param>
    /// <param name="Low">For each target index inside, the source index below.</param>
    /// <param name="Weight">And the share of the one above it.</param>
    /// <param name="Length">Extent of the source axis.</param>
    private sealed record Axis(int TargetAxis, int First, long[] Low, float[] Weight, int Length);

    /// <summary>Compares two grids.</summary>
    /// <exception cref="ArgumentException">The axes of one grid are oblique to those of the other.</exception>
    public static AlignedResampler Between(Geometry source, Geometry target)
    {
        var map = source.Affine.Inverse().After(target.Affine);
        var axes = new Axis[3];
        for (int axis = 0; axis < 3; axis++)
        {
            int along = Enumerable.Range(0, 3).MaxBy(column => Math.Abs(map[axis, column]));
            double stray = Enumerable.Range(0, 3).Where(column => column != along).Sum(column => Math.Abs(map[axis, column]) * target.Size[column]);
            if (stray > 1e-3)
                throw new ArgumentException($"Expected grids with common axes, got {source} and {target}; use GridResampler.");
            axes[axis] = Place(along, map[axis, along], map[axis, 3], source.Size[axis], target.Size[along]);
        }

        return new AlignedResampler(axes);
    }

    /// <summary>Interpolates and puts the result into a tensor of the target's size, where it lies inside the source.</summary>
    /// <param name="values">[X, Y, Z] of the source, float32, on the CPU.</param>
    /// <param name="result">[X, Y, Z] of the target, any type; voxels outside the source keep what they have.</param>
    /// <param name="convert">What is done with the interpolated values before they are stored; it may give back a new tensor.</param>
    public void Fill(Tensor values, Tensor result, Func<Tensor, Tensor>? convert = null)
    {
        if (_axes.Any(axis => axis.Low.Length == 0))
            return;
        using var scope = NewDisposeScope();
        // The axis that is scattered in memory comes first, while there is least of it.
        var wide = Along(Along(values, 2, 0, _axes[2].Low.Length), 1, 0, _axes[1].Low.Length);
        var order = new long[3];
        var inside = result;
        for (int axis = 0; axis < 3; axis++)
        {
            order[_axes[axis].TargetAxis] = axis;
            inside = inside.narrow(_axes[axis].TargetAxis, _axes[axis].First, _axes[axis].Low.Length);
        }

        // The last axis in slabs: a file of 512 x 512 x 300 voxels would take 600 MiB in between.
        int planes = (int)Math.Max(1, SlabVoxels / (wide.shape[1] * wide.shape[2]));
        for (int first = 0; first < _axes[0].Low.Length; first += planes)
        {
            using var slab = NewDisposeScope();
            int count = Math.Min(planes, _axes[0].Low.Length - first);
            var interpolated = Along(wide, 0, first, count).permute(order);
            inside.narrow(_axes[0].TargetAxis, first, count).copy_(convert is null ? interpolated : convert(interpolated));
        }
    }

    /// <summary>Interpolates along one axis, for a range of the target's indices inside.</summary>
    private Tensor Along(Tensor values, int axis, int first, int count)
    {
        long[] low = _axes[axis].Low[first..(first + count)];
        float[] weight = _axes[axis].Weight[first..(first + count)];
        bool isWhole = Array.TrueForAll(weight, share => share == 0);
        if (isWhole && low[^1] - low[0] == count - 1 && low[^1] >= low[0])
            return values.narrow(axis, low[0], count);
        var below = values.index_select(axis, tensor(low));
        if (isWhole)
            return below;
        var above = values.index_select(axis, tensor(Array.ConvertAll(low, index => Math.Min(index + 1, _axes[axis].Length - 1))));
        long[] shape = [1, 1, 1];
        shape[axis] = count;
        return below.lerp_(above, tensor(weight).view(shape));
    }

    private static Axis Place(int targetAxis, double scale, double offset, int length, int targetLength)
    {
        var (low, weight, first) = (new List<long>(), new List<float>(), 0);
        for (int j = 0; j < targetLength; j++)
        {
            double place = Math.Round((scale * j + offset) * Precision) / Precision;
            if (!(place >= -0.5 && place < length - 0.5))
                continue;
            first = low.Count == 0 ? j : first;
            place = Math.Clamp(place, 0, length - 1);
            low.Add((long)place);
            weight.Add((float)(place - (long)place));
        }

        return new Axis(targetAxis, first, [.. low], [.. weight], length);
    }
}
