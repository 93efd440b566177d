namespace SamMed3D.Transfer;

/// <summary>
/// Permutes and flips voxel axes. Nothing is interpolated and every voxel keeps its place in the world; oblique angles stay.
/// </summary>
public static class Reorientation
{
    /// <summary>The volume in RAS+ order, as SAM-Med3D's transforms (torchio's ToCanonical) give it; a new volume.</summary>
    public static Volume ToCanonical(Volume volume) => To(volume, Orientation.Canonical);

    /// <summary>The labels in RAS+ order; a new volume.</summary>
    public static LabelVolume ToCanonical(LabelVolume labels) => To(labels, Orientation.Canonical);

    /// <summary>The volume with its axes in another order; a new volume.</summary>
    public static Volume To(Volume volume, Orientation orientation)
    {
        ArgumentNullException.ThrowIfNull(volume);
        return new Volume(Arrange(volume.Values, volume.Geometry, orientation), To(volume.Geometry, orientation));
    }

    /// <summary>The labels with their axes in another order; a new volume.</summary>
    public static LabelVolume To(LabelVolume labels, Orientation orientation)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return new LabelVolume(Arrange(labels.Values, labels.Geometry, orientation), To(labels.Geometry, orientation));
    }

    /// <summary>The same grid with its axes in another order.</summary>
    public static Geometry To(Geometry geometry, Orientation orientation)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        Span<int> size = stackalloc int[3];
        var toSource = new double[12];
        for (int axis = 0; axis < 3; axis++)
        {
            int source = SourceAxis(geometry.Orientation, orientation, axis);
            bool isFlipped = IsFlipped(geometry.Orientation, orientation, axis);
            size[axis] = geometry.Size[source];
            toSource[4 * source + axis] = isFlipped ? -1 : 1;
            toSource[4 * source + 3] = isFlipped ? size[axis] - 1 : 0;
        }
        return new Geometry(new(size[0], size[1], size[2]), geometry.Affine.After(Affine.FromRows(toSource)));
    }

    /// <summary>Which axis of a grid becomes axis <paramref name="axis"/> of the reordered one.</summary>
    public static int SourceAxis(Orientation from, Orientation to, int axis)
    {
        int source = 0;
        while (from.WorldAxis(source) != to.WorldAxis(axis))
            source++;
        return source;
    }

    /// <summary>Whether axis <paramref name="axis"/> of the reordered grid runs against the axis that it comes from.</summary>
    public static bool IsFlipped(Orientation from, Orientation to, int axis) =>
        from.IsReversed(SourceAxis(from, to, axis)) != to.IsReversed(axis);

    /// <summary>Where axis 0 of a grid ends up in a reordered one, and whether it runs backwards there.</summary>
    internal static (int Axis, bool IsFlipped) FirstAxis(Orientation from, Orientation to)
    {
        int axis = 0;
        while (SourceAxis(from, to, axis) != 0)
            axis++;
        return (axis, IsFlipped(from, to, axis));
    }

    /// <summary>[..., X, Y, Z] with its last three axes in another order; it may share its memory with the values.</summary>
    internal static Tensor Arranged(Tensor values, Orientation from, Orientation to)
    {
        using var scope = NewDisposeScope();
        int leading = (int)values.dim() - 3;
        long[] order = leading == 0 ? [0, 0, 0] : [0, 0, 0, 0];
        List<long> flips = [];
        for (int axis = 0; axis < 3; axis++)
        {
            order[leading + axis] = leading + SourceAxis(from, to, axis);
            if (IsFlipped(from, to, axis))
                flips.Add(leading + axis);
        }
        Tensor arranged = values.permute(order);
        if (flips.Count > 0)
            arranged = arranged.flip([.. flips]);
        return arranged.MoveToOuterDisposeScope();
    }

    private static Tensor Arrange(Tensor values, Geometry geometry, Orientation orientation)
    {
        using var scope = NewDisposeScope();
        Tensor arranged = Arranged(values, geometry.Orientation, orientation);
        // A volume owns its memory, so a view of the source will not do.
        return empty(arranged.shape, arranged.dtype).copy_(arranged).MoveToOuterDisposeScope();
    }
}
