namespace SamMed3D.Transfer;

/// <summary>
/// Fits position tables to another grid: absolute tables [1, X, Y, Z, C] by trilinear, relative tables [2L-1, C] by linear
/// interpolation, align_corners false, as SAM does for relative tables. Equal sizes give the same values exactly. MONAI's flat tables
/// [1, L, C] do not tell their grid: they are taken for a cube, where L is a cubic number, and refused where it is not.
/// </summary>
public static class PositionResizing
{
    /// <summary>Whether the tensor of this name is a position table that can be resized from one shape to the other.</summary>
    /// <param name="name">A parameter's name; its last part decides.</param>
    /// <param name="from">The sizes that are there.</param>
    /// <param name="to">The sizes that are wanted.</param>
    /// <param name="grid">The wanted grid, in tokens, which a flat table needs.</param>
    public static bool CanResize(string name, IReadOnlyList<long> from, IReadOnlyList<long> to, Size3? grid = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        if (from.Contains(0) || to.Contains(0))
            return false;
        string last = name[(name.LastIndexOf('.') + 1)..];
        if (last == "pos_embed")
            return from is [1, _, _, _, var width] && to is [1, _, _, _, var wanted] && width == wanted;
        if (last == "position_embeddings")
            return from is [1, var count, var flat] && to is [1, var wantedCount, var wantedFlat] && flat == wantedFlat
                && grid is { } known && known.Count == wantedCount && CubeEdge(count) is not null;
        return last.StartsWith("rel_pos_", StringComparison.Ordinal)
            && from is [_, var channels] && to is [var rows, var wantedChannels] && channels == wantedChannels && rows % 2 == 1;
    }

    /// <summary>Resizes an absolute table.</summary>
    /// <param name="table">[1, X, Y, Z, C] of a floating-point type.</param>
    /// <param name="grid">The wanted grid, in tokens.</param>
    /// <returns>[1, X', Y', Z', C] in the table's type; the caller owns it.</returns>
    /// <exception cref="ArgumentException">The table has another shape.</exception>
    public static Tensor Absolute(Tensor table, Size3 grid)
    {
        ArgumentNullException.ThrowIfNull(table);
        using var scope = NewDisposeScope();
        return PositionTables.ResizeAbsolute(Computable(table), grid).to(table.dtype).clone().MoveToOuterDisposeScope();
    }

    /// <summary>Resizes a relative table.</summary>
    /// <param name="table">[rows, C] of a floating-point type; row i holds the offset i - (rows - 1) / 2.</param>
    /// <param name="rows">The wanted number of rows: twice the axis, minus 1.</param>
    /// <returns>[rows, C] in the table's type; the caller owns it.</returns>
    /// <exception cref="ArgumentException">The table has another shape.</exception>
    public static Tensor Relative(Tensor table, long rows)
    {
        ArgumentNullException.ThrowIfNull(table);
        using var scope = NewDisposeScope();
        return PositionTables.ResizeRelative(Computable(table), rows).to(table.dtype).clone().MoveToOuterDisposeScope();
    }

    /// <summary>Resizes a flat absolute table of a cubic grid.</summary>
    /// <param name="table">[1, L, C] of a floating-point type, L a cubic number, the first axis slowest.</param>
    /// <param name="grid">The wanted grid, in tokens.</param>
    /// <returns>[1, L', C] in the table's type; the caller owns it.</returns>
    /// <exception cref="ArgumentException">The table has another shape.</exception>
    public static Tensor Flat(Tensor table, Size3 grid)
    {
        ArgumentNullException.ThrowIfNull(table);
        if (table.shape is not [1, var count, var width] || CubeEdge(count) is not { } edge)
            throw new ArgumentException($"Expected a position table [1, L, C] of a cubic grid, got {LoadReport.Text(table.shape)}.", nameof(table));
        using var scope = NewDisposeScope();
        return Absolute(table.reshape(1, edge, edge, edge, width), grid).reshape(1, grid.Count, width).MoveToOuterDisposeScope();
    }

    /// <summary>Resizes whichever table it is, to the wanted sizes.</summary>
    internal static Tensor Resize(Tensor table, IReadOnlyList<long> to, Size3? grid) => to switch
    {
        [_, var x, var y, var z, _] => Absolute(table, new Size3((int)x, (int)y, (int)z)),
        [_, _, _] => Flat(table, grid!.Value),
        _ => Relative(table, to[0]),
    };

    /// <summary>What <see cref="Resize"/> does, for the ledger.</summary>
    internal static string Describe(IReadOnlyList<long> to) => to.Count switch
    {
        5 => "positions, trilinear",
        3 => "positions of a cubic grid, trilinear",
        _ => "relative positions, linear",
    };

    private static long? CubeEdge(long count)
    {
        var edge = (long)Math.Round(Math.Cbrt(count));
        return edge * edge * edge == count ? edge : null;
    }

    private static Tensor Computable(Tensor table) =>
        table.dtype is ScalarType.Float32 or ScalarType.Float64 ? table : table.to(ScalarType.Float32);
}
