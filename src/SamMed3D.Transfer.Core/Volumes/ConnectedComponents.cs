namespace SamMed3D.Transfer;

/// <summary>
/// Splits labels into parts that touch, in time linear in the voxels: runs along Z, joined by union-find with those of the lines beside
/// them (the run-based two-scan scheme of He, Chao and Suzuki, IEEE Transactions on Image Processing 17, 2008, in three dimensions).
/// </summary>
public static class ConnectedComponents
{
    /// <summary>The components of every label at once; voxels of different labels never belong together.</summary>
    /// <param name="labels">[X, Y, Z] in C order; 0 is background.</param>
    /// <param name="size">X, Y, Z.</param>
    /// <param name="connectivity">Which voxels touch.</param>
    /// <exception cref="ArgumentException">There is another number of voxels than the size says.</exception>
    public static ComponentMap Of(ReadOnlySpan<int> labels, Size3 size, Connectivity connectivity = Connectivity.Corners) =>
        Find(labels, size, connectivity, static label => label);

    /// <summary>The components of a mask.</summary>
    /// <param name="mask">[X, Y, Z] in C order: true inside.</param>
    /// <param name="size">X, Y, Z.</param>
    /// <param name="connectivity">Which voxels touch.</param>
    /// <exception cref="ArgumentException">There is another number of voxels than the size says.</exception>
    public static ComponentMap Of(ReadOnlySpan<bool> mask, Size3 size, Connectivity connectivity = Connectivity.Corners) =>
        Find(mask, size, connectivity, static isInside => isInside ? 1 : 0);

    private static ComponentMap Find<T>(ReadOnlySpan<T> voxels, Size3 size, Connectivity connectivity, Func<T, int> label)
        where T : unmanaged, IEquatable<T>
    {
        if (voxels.Length != size.Count)
            throw new ArgumentException($"Expected {size.Count} voxels for {size}, got {voxels.Length}.");
        if (!Enum.IsDefined(connectivity))
            throw new ArgumentOutOfRangeException(nameof(connectivity), connectivity, "Voxels have 6, 18 or 26 neighbours.");
        var (runs, lines) = Runs(voxels, size, label);
        var parents = new int[runs.Count];
        for (var run = 0; run < parents.Length; run++)
            parents[run] = run;

        // How far two runs may lie apart along Z and still touch, on lines side by side and on lines that only share an edge.
        int beside = connectivity == Connectivity.Faces ? 0 : 1;
        int diagonal = connectivity switch { Connectivity.Faces => -1, Connectivity.Edges => 0, _ => 1 };
        var join = new RunJoining(runs, lines, parents, size.Z);
        for (var x = 0; x < size.X; x++)
            for (var y = 0; y < size.Y; y++)
            {
                int line = x * size.Y + y;
                if (y > 0)
                    join.Lines(line, line - 1, beside);
                if (x == 0)
                    continue;
                join.Lines(line, line - size.Y, beside);
                if (diagonal >= 0 && y > 0)
                    join.Lines(line, line - size.Y - 1, diagonal);
                if (diagonal >= 0 && y < size.Y - 1)
                    join.Lines(line, line - size.Y + 1, diagonal);
            }

        return new ComponentMap(size, runs, parents);
    }

    /// <returns>The runs in array order, and for each line along Z the number of its first run; one more ends the last line.</returns>
    private static (List<VoxelRun> Runs, int[] Lines) Runs<T>(ReadOnlySpan<T> voxels, Size3 size, Func<T, int> label)
        where T : unmanaged, IEquatable<T>
    {
        var runs = new List<VoxelRun>();
        var lines = new int[size.X * size.Y + 1];
        for (var line = 0; line < lines.Length - 1; line++)
        {
            lines[line] = runs.Count;
            int first = line * size.Z;
            var values = voxels.Slice(first, size.Z);
            for (var z = 0; z < values.Length;)
            {
                // Searching in spans is vectorised; most of a volume is background.
                int length = values[z..].IndexOfAnyExcept(values[z]);
                if (length < 0)
                    length = values.Length - z;
                if (label(values[z]) is not 0 and var value)
                    runs.Add(new VoxelRun(first + z, length, value));
                z += length;
            }
        }

        lines[^1] = runs.Count;
        return (runs, lines);
    }
}
