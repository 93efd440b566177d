namespace SamMed3D.Transfer;

/// <summary>Joins runs of one label that touch; the root of a set is its first run in array order.</summary>
/// <param name="runs">The runs in array order.</param>
/// <param name="lines">The first run of each line, and the end of the last.</param>
/// <param name="parents">The union-find forest over the runs.</param>
/// <param name="lineLength">Voxels of a line along Z.</param>
internal sealed class RunJoining(List<VoxelRun> runs, int[] lines, int[] parents, int lineLength)
{
    /// <summary>Joins what touches on two lines, each run being looked at once.</summary>
    /// <param name="line">A line.</param>
    /// <param name="other">An earlier one.</param>
    /// <param name="reach">How many voxels beyond its ends a run touches: 0 or 1.</param>
    public void Lines(int line, int other, int reach)
    {
        int shift = (line - other) * lineLength;
        int a = lines[line], endA = lines[line + 1], b = lines[other], endB = lines[other + 1];
        while (a < endA && b < endB)
        {
            int lastA = runs[a].Last, lastB = runs[b].Last + shift;
            Join(a, b, shift, reach);
            if (lastA == lastB && b + 1 < endB)
                Join(a, b + 1, shift, reach); // Runs of different labels may follow each other without a gap.
            if (lastA <= lastB)
                a++;
            else
                b++;
        }
    }

    /// <summary>The first run of the set.</summary>
    public static int Root(int[] parents, int run)
    {
        while (parents[run] != run)
            run = parents[run] = parents[parents[run]];
        return run;
    }

    private void Join(int a, int b, int shift, int reach)
    {
        VoxelRun here = runs[a], there = runs[b];
        if (here.Label != there.Label || here.Start > there.Last + shift + reach || there.Start + shift > here.Last + reach)
            return;
        int rootA = Root(parents, a), rootB = Root(parents, b);
        if (rootA < rootB)
            parents[rootB] = rootA;
        else
            parents[rootA] = rootB;
    }
}
