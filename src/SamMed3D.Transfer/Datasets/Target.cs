namespace SamMed3D.Transfer;

/// <summary>One object to be segmented from prompts: a label of a case.</summary>
/// <param name="CaseIndex">The case, in its store.</param>
/// <param name="CaseId">Its id.</param>
/// <param name="Label">The value of the label map.</param>
/// <param name="VoxelCount">How many voxels have it.</param>
/// <param name="First">The first voxel of its bounding box.</param>
/// <param name="Last">The last voxel of its bounding box.</param>
public sealed record Target(int CaseIndex, string CaseId, int Label, long VoxelCount, VoxelIndex First, VoxelIndex Last)
{
    /// <summary>The voxel that regions are cut around, where one around the middle of the box would hold none of the target; else null.</summary>
    internal VoxelIndex? Anchor { get; init; }

    /// <summary>The targets of a case, in the order of their labels; the background (0) is none.</summary>
    /// <param name="caseIndex">The case, in its store.</param>
    /// <param name="one">A case with labels.</param>
    public static IReadOnlyList<Target> Of(int caseIndex, PreprocessedCase one)
    {
        ArgumentNullException.ThrowIfNull(one);
        return one.Labels is not null ? Of(caseIndex, (IVoxelSource)one) : throw new ArgumentException($"Case {one.Id} has no labels.", nameof(one));
    }

    /// <summary>The same, of a case whose image may be on disk.</summary>
    internal static IReadOnlyList<Target> Of(int caseIndex, IVoxelSource one)
    {
        var found = new SortedDictionary<int, Target>();
        var size = one.Geometry.Size;
        LabelSlabs.Visit(one, (labels, first) =>
        {
            for (var i = 0; i < labels.Length; i++)
            {
                if (labels[i] <= 0)
                    continue;
                int voxel = first + i;
                var at = new VoxelIndex(voxel / (size.Y * size.Z), voxel / size.Z % size.Y, voxel % size.Z);
                found[labels[i]] = found.TryGetValue(labels[i], out var known)
                    ? known with
                    {
                        VoxelCount = known.VoxelCount + 1,
                        First = new(Math.Min(known.First.X, at.X), Math.Min(known.First.Y, at.Y), Math.Min(known.First.Z, at.Z)),
                        Last = new(Math.Max(known.Last.X, at.X), Math.Max(known.Last.Y, at.Y), Math.Max(known.Last.Z, at.Z)),
                    }
                    : new Target(caseIndex, one.Id, labels[i], 1, at, at);
            }
        });
        return [.. found.Values];
    }
}
