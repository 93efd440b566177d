namespace SamMed3D.Transfer;

/// <summary>
/// Linear interpolation onto a grid whose axes are those of the source in another order, direction and spacing: the grid of an input
/// file, seen from what was made of it. The same numbers as <see cref="GridResampler"/>, axis by axis and so much faster.
/// </summary>
internal sealed class AlignedResampler
{
    private const double Precision = 1e6;

    private readonly Size3 _target;
    private readonly Axis[] _axes;

    private AlignedResampler(Size3 target, Axis[] axes)
    {
        _target = target;
        _axes = axes;
    }

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

        return new AlignedResampler(target.Size, axes);
    }

    /// <summary>Interpolates and puts the result into a tensor of the target's size, where it lies inside the source.</summary>
    /// <param name="values">[X, Y, Z] of the source, float32, on the CPU.</param>
    /// <param name="result">[X, Y, Z] of the target, any type; voxels outside the source keep what they have.</param>
    /// <param name="convert">What is done with the interpolated values before they are stored; it may give back a new tensor.</param>
    public void Fill(Tensor values, Tensor result, Func<Tensor, Tensor>? convert = null)
    {
        using var scope = NewDisposeScope();
        var interpolated = values;
        var part = result;
        var order = new long[3];
        for (int axis = 0; axis < 3; axis++)
        {
            if (_axes[axis].Low.Length == 0)
                return;
            interpolated = Along(interpolated, axis);
            order[_axes[axis].TargetAxis] = axis;
            part = part.narrow(_axes[axis].TargetAxis, _axes[axis].First, _axes[axis].Low.Length);
        }

        interpolated = interpolated.permute(order);
        part.copy_(convert is null ? interpolated : convert(interpolated));
    }

    private Tensor Along(Tensor values, int axis)
    {
        var (low, weight, length) = (_axes[axis].Low, _axes[axis].Weight, _axes[axis].Length);
        bool isWhole = Array.TrueForAll(weight, share => share == 0);
        if (isWhole && low.Length == length && low.Select((index, i) => index == i).All(same => same))
            return values;
        var below = values.index_select(axis, tensor(low));
        if (isWhole)
            return below;
        var above = values.index_select(axis, tensor(Array.ConvertAll(low, index => Math.Min(index + 1, length - 1))));
        long[] shape = [1, 1, 1];
        shape[axis] = low.Length;
        return below + (above - below) * tensor(weight).view(shape);
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
