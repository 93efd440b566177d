namespace SamMed3D.Transfer;

/// <summary>
/// A window of chosen size on a grid, which may reach beyond it: applying it crops and pads with 0, as torchio's CropOrPad, on which
/// SAM-Med3D's regions rest. One window serves an image and its labels.
/// </summary>
public sealed class CropOrPad
{
    private readonly int[] _begin;

    private CropOrPad(Geometry source, int[] begin, Size3 size)
    {
        _begin = begin;
        Source = source;
        Geometry = new Geometry(size, source.Affine.After(Affine.Translation(new(begin[0], begin[1], begin[2]))));
    }

    /// <summary>The grid on which the window lies.</summary>
    public Geometry Source { get; }

    /// <summary>The window's own grid.</summary>
    public Geometry Geometry { get; }

    /// <summary>The source index of the window's first voxel on X, Y, Z; negative where it pads.</summary>
    public IReadOnlyList<int> Begin => _begin;

    /// <summary>A window whose middle is the middle of the box of all labels above 0; around the grid's centre if there are none.</summary>
    /// <param name="labels">The labels.</param>
    /// <param name="size">Voxels of the window. Even sizes leave the extra voxel after an odd box.</param>
    public static CropOrPad AroundLabels(LabelVolume labels, Size3 size)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (BoxOf(labels) is not var (low, high))
            return AroundCentre(labels.Geometry, size);
        var begin = new int[3];
        for (int axis = 0; axis < 3; axis++)
            begin[axis] = (int)Math.Floor((low[axis] + high[axis] - size[axis]) / 2.0);
        return new(labels.Geometry, begin, size);
    }

    /// <summary>A window around the grid's centre; where the difference is odd, the first side gains or loses the extra voxel.</summary>
    /// <param name="source">The grid.</param>
    /// <param name="size">Voxels of the window.</param>
    public static CropOrPad AroundCentre(Geometry source, Size3 size)
    {
        ArgumentNullException.ThrowIfNull(source);
        var begin = new int[3];
        for (int axis = 0; axis < 3; axis++)
        {
            int excess = source.Size[axis] - size[axis];
            begin[axis] = Math.Sign(excess) * ((Math.Abs(excess) + 1) / 2);
        }
        return new(source, begin, size);
    }

    /// <summary>A window at a chosen place.</summary>
    /// <param name="source">The grid.</param>
    /// <param name="begin">The source index of the first voxel on X, Y, Z; may be negative.</param>
    /// <param name="size">Voxels of the window.</param>
    /// <exception cref="ArgumentException">There are not three indices.</exception>
    public static CropOrPad At(Geometry source, IReadOnlyList<int> begin, Size3 size)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(begin);
        return begin.Count == 3
            ? new(source, [.. begin], size)
            : throw new ArgumentException($"Expected an index for each of three axes, got {begin.Count}.", nameof(begin));
    }

    /// <summary>The image in the window; a new volume.</summary>
    /// <exception cref="ArgumentException">The image lies on another grid than the window.</exception>
    public Volume Apply(Volume volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        RequireGrid(volume.Geometry);
        return new Volume(Cut(volume.Values), Geometry);
    }

    /// <summary>The labels in the window; a new volume.</summary>
    /// <exception cref="ArgumentException">The labels lie on another grid than the window.</exception>
    public LabelVolume Apply(LabelVolume labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        RequireGrid(labels.Geometry);
        return new LabelVolume(Cut(labels.Values), Geometry);
    }

    private Tensor Cut(Tensor values)
    {
        using var scope = NewDisposeScope();
        int leading = (int)values.dim() - 3;
        Tensor result = zeros([.. values.shape[..leading], .. Geometry.Size.ToArray()], values.dtype);
        Tensor from = values, to = result;
        for (int axis = 0; axis < 3; axis++)
        {
            int start = Math.Max(0, _begin[axis]);
            int length = Math.Min(Source.Size[axis], _begin[axis] + Geometry.Size[axis]) - start;
            if (length <= 0)
                return result.MoveToOuterDisposeScope();
            from = from.narrow(leading + axis, start, length);
            to = to.narrow(leading + axis, start - _begin[axis], length);
        }
        to.copy_(from);
        return result.MoveToOuterDisposeScope();
    }

    private void RequireGrid(Geometry geometry)
    {
        if (!geometry.Matches(Source))
            throw new ArgumentException($"Expected a volume on the window's grid ({Source}), got {geometry}.");
    }

    /// <summary>The box of all labels above 0: first index, and one past the last.</summary>
    private static (int[] Low, int[] High)? BoxOf(LabelVolume labels)
    {
        Size3 size = labels.Geometry.Size;
        int[] low = [int.MaxValue, int.MaxValue, int.MaxValue], high = [0, 0, 0];
        ReadOnlySpan<int> voxels = labels.Voxels();
        for (int x = 0; x < size.X; x++)
            for (int y = 0; y < size.Y; y++)
            {
                ReadOnlySpan<int> line = voxels.Slice((x * size.Y + y) * size.Z, size.Z);
                for (int z = 0; z < line.Length; z++)
                    if (line[z] > 0)
                    {
                        (low[0], low[1], low[2]) = (Math.Min(low[0], x), Math.Min(low[1], y), Math.Min(low[2], z));
                        (high[0], high[1], high[2]) = (Math.Max(high[0], x + 1), Math.Max(high[1], y + 1), Math.Max(high[2], z + 1));
                    }
            }
        return high[0] == 0 ? null : (low, high);
    }
}
