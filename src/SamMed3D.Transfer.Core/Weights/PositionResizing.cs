namespace SamMed3D.Transfer;

/// <summary>
/// Fits position tables to another grid: absolute tables [1, X, Y, Z, C] by trilinear, relative tables [2L-1, C] by linear
/// interpolation, align_corners false, as SAM does for relative tables. Equal sizes give the same values exactly.
/// </summary>
public static class PositionResizing
{
    /// <summary>Whether the tensor of this name is a position table that can be resized from one shape to the other.</summary>
    /// <param name="name">A parameter's name; its last part decides.</param>
    /// <param name="from">The sizes that are there.</param>
    /// <param name="to">The sizes that are wanted.</param>
    public static bool CanResize(string name, IReadOnlyList<long> from, IReadOnlyList<long> to)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        if (from.Contains(0) || to.Contains(0))
            return false;
        string last = name[(name.LastIndexOf('.') + 1)..];
        if (last == "pos_embed")
            return from is [1, _, _, _, var width] && to is [1, _, _, _, var wanted] && width == wanted;
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

    /// <summary>Resizes whichever table it is, to the wanted sizes.</summary>
    internal static Tensor Resize(Tensor table, IReadOnlyList<long> to) => to is [_, var x, var y, var z, _]
        ? Absolute(table, new Size3((int)x, (int)y, (int)z))
        : Relative(table, to[0]);

    private static Tensor Computable(Tensor table) =>
        table.dtype is ScalarType.Float32 or ScalarType.Float64 ? table : table.to(ScalarType.Float32);
}
