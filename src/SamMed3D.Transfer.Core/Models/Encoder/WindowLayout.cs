namespace SamMed3D.Transfer;

/// <summary>
/// How a grid of tokens falls into cubic windows. The published code pads the grid at its ends to whole windows; here a window that
/// would hold padding is kept at its real extents. Along each axis there is at most one run of full windows and one cut window, so
/// there are at most 8 kinds of window; windows of one kind are computed together.
/// </summary>
internal sealed class WindowLayout
{
    /// <summary>A run of equal windows along one axis.</summary>
    /// <param name="Start">First token.</param>
    /// <param name="Extent">Real tokens of one window.</param>
    /// <param name="Count">Windows.</param>
    internal readonly record struct Run(int Start, int Extent, int Count)
    {
        public int Length => Extent * Count;
    }

    private readonly Run[][] _runs;

    /// <param name="grid">Tokens along each axis.</param>
    /// <param name="window">Tokens of a window along each axis; equal to the grid for global attention.</param>
    public WindowLayout(Size3 grid, Size3 window)
    {
        Window = window;
        _runs = [RunsOf(grid.X, window.X), RunsOf(grid.Y, window.Y), RunsOf(grid.Z, window.Z)];
    }

    /// <summary>The window, padding included.</summary>
    public Size3 Window { get; }

    /// <summary>Applies a function to every kind of window and puts the results where the windows were.</summary>
    /// <param name="tokens">[N, X, Y, Z, C].</param>
    /// <param name="attend">[M, a, b, c, C] and the real extents (a, b, c) to [M, a, b, c, C].</param>
    /// <returns>[N, X, Y, Z, C].</returns>
    public Tensor Apply(Tensor tokens, Func<Tensor, Size3, Tensor> attend) => Along(tokens, new Run[3], 0, attend);

    private Tensor Along(Tensor tokens, Run[] chosen, int axis, Func<Tensor, Size3, Tensor> attend)
    {
        if (axis == 3)
            return OneKind(tokens, chosen, attend);
        var parts = new List<Tensor>(2);
        foreach (var run in _runs[axis])
        {
            chosen[axis] = run;
            parts.Add(Along(_runs[axis].Length == 1 ? tokens : tokens.narrow(axis + 1, run.Start, run.Length), chosen, axis + 1, attend));
        }

        return parts.Count == 1 ? parts[0] : cat(parts, axis + 1);
    }

    private static Tensor OneKind(Tensor tokens, Run[] runs, Func<Tensor, Size3, Tensor> attend)
    {
        var extents = new Size3(runs[0].Extent, runs[1].Extent, runs[2].Extent);
        if (runs.All(run => run.Count == 1))
            return attend(tokens, extents);
        long n = tokens.shape[0], channels = tokens.shape[4];
        long kx = runs[0].Count, ky = runs[1].Count, kz = runs[2].Count;
        var windows = tokens.reshape(n, kx, extents.X, ky, extents.Y, kz, extents.Z, channels)
            .permute(0, 1, 3, 5, 2, 4, 6, 7)
            .reshape(n * kx * ky * kz, extents.X, extents.Y, extents.Z, channels);
        return attend(windows, extents)
            .reshape(n, kx, ky, kz, extents.X, extents.Y, extents.Z, channels)
            .permute(0, 1, 4, 2, 5, 3, 6, 7)
            .reshape(n, runs[0].Length, runs[1].Length, runs[2].Length, channels);
    }

    private static Run[] RunsOf(int tokens, int window)
    {
        int full = tokens / window, rest = tokens % window;
        var runs = new List<Run>(2);
        if (full > 0)
            runs.Add(new Run(0, window, full));
        if (rest > 0)
            runs.Add(new Run(full * window, rest, 1));
        return [.. runs];
    }
}
