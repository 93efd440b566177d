namespace SamMed3D.Transfer;

/// <summary>Resizes learned position tables to another grid.</summary>
internal static class PositionTables
{
    /// <summary>Absolute positions on another grid, by trilinear interpolation (align_corners false).</summary>
    /// <param name="table">[1, X, Y, Z, C].</param>
    /// <param name="grid">The new X, Y, Z.</param>
    /// <returns>[1, X', Y', Z', C]; an alias when the grid is the same. The caller owns it.</returns>
    public static Tensor ResizeAbsolute(Tensor table, Size3 grid)
    {
        if (table.shape is not [1, var x, var y, var z, _])
            throw new ArgumentException($"Expected a position table [1, X, Y, Z, C], got [{string.Join(", ", table.shape)}].", nameof(table));
        if (x == grid.X && y == grid.Y && z == grid.Z)
            return table.alias();
        using var scope = NewDisposeScope();
        var resized = functional.interpolate(
            table.permute(0, 4, 1, 2, 3), size: grid.ToArray(), mode: InterpolationMode.Trilinear, align_corners: false);
        return resized.permute(0, 2, 3, 4, 1).MoveToOuterDisposeScope();
    }

    /// <summary>Relative positions along one axis for another window, by linear interpolation (align_corners false), as SAM does.</summary>
    /// <param name="table">[rows, C], rows = 2 x window - 1.</param>
    /// <param name="rows">The new number of rows.</param>
    /// <returns>[rows, C]; an alias when the number is the same. The caller owns it.</returns>
    public static Tensor ResizeRelative(Tensor table, long rows)
    {
        if (table.shape is not [var current, _])
            throw new ArgumentException($"Expected a relative position table [2L-1, C], got [{string.Join(", ", table.shape)}].", nameof(table));
        if (current == rows)
            return table.alias();
        using var scope = NewDisposeScope();
        var resized = functional.interpolate(
            table.t().unsqueeze(0), size: [rows], mode: InterpolationMode.Linear, align_corners: false);
        return resized.squeeze(0).t().MoveToOuterDisposeScope();
    }
}
