namespace SamMed3D.Transfer;

/// <summary>
/// Makes the tensors of a 2D SAM's image encoder 3D, as SAM-Med3D's supplement (C.3) tells: kernels gain an axis
/// (<see cref="InflationVariant"/>), the table of absolute positions is repeated along it, its relative positions are a copy of the x-axis'.
/// </summary>
/// <remarks>
/// What is kept: with <see cref="InflationVariant.ReplicateMean"/> or <see cref="InflationVariant.Centre"/>, an encoder with
/// <see cref="RelativePosition.Decomposed"/> gives each slice of a volume that is constant along the new axis the 2D encoder's embedding, block by
/// block, where the other two axes have the image's grid and the new one holds whole windows (pad tokens along it would count as further keys): attention
/// weights then are a product of those over the slice and those over the new axis, and values do not differ along it. The neck has it in every
/// variant, to the epsilon of its norms, which take a factor away.
/// </remarks>
public static class WeightInflation
{
    private const string Table = "rel_pos_";

    /// <summary>Inflates a square kernel to a cube.</summary>
    /// <param name="kernel">[E, C, P, P], rows before columns, of a floating-point type.</param>
    /// <param name="options">How, and along which axis.</param>
    /// <returns>[E, C, P, P, P] in the kernel's type; the caller owns it.</returns>
    /// <exception cref="ArgumentException">The kernel has another shape.</exception>
    public static Tensor Kernel(Tensor kernel, InflationOptions options)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(options);
        if (kernel.shape is not [_, _, var rows, var edge] || rows != edge)
            throw new ArgumentException($"Expected a square kernel [E, C, P, P], got {LoadReport.Text(kernel.shape)}.", nameof(kernel));
        using var scope = NewDisposeScope();
        int axis = 2 + (int)options.NewAxis;
        var wide = kernel.dtype == ScalarType.Float64 ? kernel : kernel.to(ScalarType.Float32);
        var slice = wide.transpose(2, 3).unsqueeze(axis);
        long[] repeats = [1, 1, 1, 1, 1];
        repeats[axis] = edge;
        var cube = options.Variant switch
        {
            InflationVariant.Replicate => slice.repeat(repeats),
            InflationVariant.ReplicateMean => slice.div(edge).repeat(repeats),
            InflationVariant.Centre => zeros_like(slice.repeat(repeats)).index_copy_(axis, tensor(new[] { edge / 2 }, device: slice.device), slice),
            _ => throw new ArgumentException($"There is no variant {options.Variant}.", nameof(options)),
        };
        return cube.to(kernel.dtype).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>Repeats a table of absolute positions along the new axis.</summary>
    /// <param name="table">[1, H, W, C], rows before columns.</param>
    /// <param name="newAxis">The axis that images do not have.</param>
    /// <param name="extent">Tokens along it.</param>
    /// <returns>[1, X, Y, Z, C] in the table's type, columns along the first of the other axes; the caller owns it.</returns>
    /// <exception cref="ArgumentException">The table has another shape.</exception>
    public static Tensor Positions(Tensor table, VolumeAxis newAxis, long extent)
    {
        ArgumentNullException.ThrowIfNull(table);
        if (table.shape is not [1, _, _, _])
            throw new ArgumentException($"Expected a position table [1, H, W, C], got {LoadReport.Text(table.shape)}.", nameof(table));
        using var scope = NewDisposeScope();
        long[] repeats = [1, 1, 1, 1, 1];
        repeats[1 + (int)newAxis] = extent;
        return table.transpose(1, 2).unsqueeze(1 + (int)newAxis).repeat(repeats).MoveToOuterDisposeScope();
    }

    /// <summary>The name in the 2D encoder of what fills a parameter of the 3D one; only the tables of relative positions have another.</summary>
    /// <param name="name">Such as "blocks.0.attn.rel_pos_d".</param>
    /// <param name="newAxis">The axis that images do not have.</param>
    public static string SourceName(string name, VolumeAxis newAxis)
    {
        ArgumentNullException.ThrowIfNull(name);
        return AxisOf(name) is { } axis ? name[..^1] + (IsOfRows(axis, newAxis) ? 'h' : 'w') : name;
    }

    /// <summary>The sizes that a 2D tensor has once it is inflated, before anything is resized.</summary>
    internal static IReadOnlyList<long> Shape(string name, IReadOnlyList<long> from, IReadOnlyList<long> to, VolumeAxis newAxis) =>
        IsPositions(name, from, to) ? Inserted([1, from[2], from[1], from[3]], 1 + (int)newAxis, to[1 + (int)newAxis])
        : IsKernel(from, to) ? Inserted(from, 2 + (int)newAxis, from[2])
        : from;

    /// <summary>How a 2D tensor becomes a parameter; null where it is copied as it is, or cannot be.</summary>
    internal static WeightFit? Find(
        string name, IReadOnlyList<long> from, IReadOnlyList<long> to, Size3? grid, InflationOptions options, LoadPolicy policy)
    {
        int newAxis = (int)options.NewAxis;
        WeightFit? inflated =
            IsPositions(name, from, to) ? new($"positions repeated along {Axis(newAxis)}", values => Positions(values, options.NewAxis, to[1 + newAxis]))
            : IsKernel(from, to) ? new(Describe(from[2], options), values => Kernel(values, options))
            : AxisOf(name) is { } axis ? new(
                $"relative positions of the image's {(IsOfRows(axis, options.NewAxis) ? "rows" : "columns")} for {Axis((int)axis)}", values => values.clone())
            : null;
        var shape = Shape(name, from, to, options.NewAxis);
        if (inflated is null || shape.SequenceEqual(to))
            return inflated;
        if (WeightFit.Find(name, shape, to, grid, policy) is { } rest)
            return inflated.Then(rest);
        // From three channels to several others: by way of one.
        long[] single = [shape[0], 1, .. shape.Skip(2)];
        return WeightFit.Find(name, shape, single, grid, policy) is { } toOne && WeightFit.Find(name, single, to, grid, policy) is { } toMany
            ? inflated.Then(toOne).Then(toMany)
            : null;
    }

    private static bool IsPositions(string name, IReadOnlyList<long> from, IReadOnlyList<long> to) =>
        name.EndsWith("pos_embed", StringComparison.Ordinal) && from.Count == 4 && to.Count == 5;

    private static bool IsKernel(IReadOnlyList<long> from, IReadOnlyList<long> to) => from.Count == 4 && to.Count == 5 && from[2] == from[3];

    /// <summary>The axis whose relative positions a parameter holds; null for any other parameter.</summary>
    private static VolumeAxis? AxisOf(string name) => !name.AsSpan(name.LastIndexOf('.') + 1).StartsWith(Table) ? null : name[^1] switch
    {
        'd' => VolumeAxis.X,
        'h' => VolumeAxis.Y,
        'w' => VolumeAxis.Z,
        _ => null,
    };

    /// <summary>Rows lie along the second of the axes that images have.</summary>
    private static bool IsOfRows(VolumeAxis axis, VolumeAxis newAxis) =>
        axis == (newAxis == VolumeAxis.Z ? VolumeAxis.Y : VolumeAxis.Z);

    private static string Axis(int axis) => "xyz"[axis].ToString();

    private static string Describe(long edge, InflationOptions options)
    {
        string what = $"{edge}x{edge} kernel", axis = Axis((int)options.NewAxis);
        return options.Variant switch
        {
            _ when edge == 1 => $"{what} as 1x1x1",
            InflationVariant.Replicate => $"{what} repeated along {axis}",
            InflationVariant.ReplicateMean => $"{what} repeated along {axis} and divided by {edge}",
            _ => $"{what} in the middle of {axis}, zeros elsewhere",
        };
    }

    private static long[] Inserted(IReadOnlyList<long> shape, int index, long size) => [.. shape.Take(index), size, .. shape.Skip(index)];
}
