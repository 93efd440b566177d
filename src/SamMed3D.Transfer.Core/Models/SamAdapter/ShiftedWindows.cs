namespace SamMed3D.Transfer;

/// <summary>
/// Cubic windows over a grid that they divide, shifted by half a window for every other block, as in Swin (Liu et al., arXiv 2103.14030) but along
/// three axes.
/// </summary>
internal static class ShiftedWindows
{
    /// <summary>What is added to the attention between tokens that only the cyclic shift made neighbours.</summary>
    private const double Apart = -100;

    /// <summary>Cuts the tokens into windows.</summary>
    /// <param name="tokens">[N, X, Y, Z, C].</param>
    /// <param name="edge">w.</param>
    /// <returns>[N · windows, w, w, w, C].</returns>
    public static Tensor Cut(Tensor tokens, int edge)
    {
        long n = tokens.shape[0], x = tokens.shape[1] / edge, y = tokens.shape[2] / edge, z = tokens.shape[3] / edge, channels = tokens.shape[4];
        return tokens.reshape(n, x, edge, y, edge, z, edge, channels)
            .permute(0, 1, 3, 5, 2, 4, 6, 7)
            .reshape(n * x * y * z, edge, edge, edge, channels);
    }

    /// <summary>Puts the windows back.</summary>
    /// <param name="windows">[N · windows, w, w, w, C].</param>
    /// <param name="grid">X, Y, Z.</param>
    /// <returns>[N, X, Y, Z, C].</returns>
    public static Tensor Join(Tensor windows, Size3 grid)
    {
        long edge = windows.shape[1], channels = windows.shape[4];
        return windows.reshape(-1, grid.X / edge, grid.Y / edge, grid.Z / edge, edge, edge, edge, channels)
            .permute(0, 1, 4, 2, 5, 3, 6, 7)
            .reshape(-1, grid.X, grid.Y, grid.Z, channels);
    }

    /// <summary>By how many tokens windows are shifted along each axis: half a window; nothing where one window is all there is, as in Swin.</summary>
    public static long[] Shifts(Size3 grid, int edge) => [.. Enumerable.Range(0, 3).Select(axis => grid[axis] > edge ? edge / 2L : 0)];

    /// <summary>Moves the tokens along all three axes, those that leave at one end coming in at the other.</summary>
    public static Tensor Roll(Tensor tokens, long[] shifts) => roll(tokens, shifts, new long[] { 1, 2, 3 });

    /// <summary>The mask of the shifted windows: 0 where two tokens of a window are neighbours in the volume, else -100.</summary>
    /// <returns>[windows, w^3, w^3], float32.</returns>
    public static Tensor Mask(Size3 grid, int edge, Device device)
    {
        using var scope = NewDisposeScope();
        long[] shifts = Shifts(grid, edge);
        Tensor Along(int axis) => Regions(grid[axis], edge, shifts[axis], device);
        var regions = Along(0).view(-1, 1, 1) * 9 + Along(1).view(1, -1, 1) * 3 + Along(2).view(1, 1, -1);
        var windows = Cut(regions.unsqueeze(0).unsqueeze(4), edge).flatten(1);
        return (windows.unsqueeze(1) != windows.unsqueeze(2)).to(ScalarType.Float32).mul(Apart).MoveToOuterDisposeScope();
    }

    /// <summary>Along one axis: 0 before the last window, 1 in the part of it that belongs there, 2 in the part that came around.</summary>
    private static Tensor Regions(int length, int edge, long shift, Device device)
    {
        using var scope = NewDisposeScope();
        var place = arange(length, device: device);
        return ((place >= length - edge).to(ScalarType.Int64) + (place >= length - shift).to(ScalarType.Int64)).MoveToOuterDisposeScope();
    }
}
