namespace SamMed3D.Transfer;

/// <summary>Where the windows of a volume start (the rules of MONAI 1.3.2's <c>sliding_window_inference</c>).</summary>
public static class WindowGrid
{
    /// <summary>The first voxel of each window, in order: X slowest, Z fastest.</summary>
    /// <param name="volume">Extents of the volume, none below the window's.</param>
    /// <param name="window">Extents of a window.</param>
    /// <param name="overlap">Share of a window that the next one covers again, in [0, 1).</param>
    public static IReadOnlyList<Size3> Starts(Size3 volume, Size3 window, double overlap) =>
    [
        .. from x in AxisStarts(volume.X, window.X, overlap)
           from y in AxisStarts(volume.Y, window.Y, overlap)
           from z in AxisStarts(volume.Z, window.Z, overlap)
           select new Size3(x, y, z),
    ];

    /// <summary>0, step, 2 step, ...; the window that would pass the end is moved back to end there, and is the last.</summary>
    private static IEnumerable<int> AxisStarts(int size, int window, double overlap)
    {
        if (size < window)
            throw new ArgumentException($"An axis of {size} voxels is shorter than the window's {window}; pad the volume first.");
        int step = Math.Max(1, (int)(window * (1 - overlap)));
        int start = 0;
        for (; start + window < size; start += step)
            yield return start;
        yield return size - window;
    }
}
