namespace SamMed3D.Transfer;

/// <summary>Where the classes of one case are: for each foreground class that occurs, some of its voxels.</summary>
internal sealed class ForegroundIndex
{
    private readonly int[][] _voxelsOfPresentClasses;

    private ForegroundIndex(int[] presentClasses, int[][] voxels)
    {
        PresentClasses = presentClasses;
        _voxelsOfPresentClasses = voxels;
    }

    /// <summary>The classes above 0 that occur, ascending.</summary>
    public IReadOnlyList<int> PresentClasses { get; }

    /// <summary>One pass over the voxels; where a class has more than remembered, each is kept with the same chance (Vitter's algorithm R).</summary>
    public static ForegroundIndex Of(IVoxelSource one, int rememberedVoxels, RandomStream random)
    {
        var samples = new SortedDictionary<int, (List<int> Voxels, int Seen)>();
        LabelSlabs.Visit(one, (labels, first) => Add(samples, labels, first, rememberedVoxels, random));
        return new ForegroundIndex([.. samples.Keys], [.. samples.Values.Select(sample => sample.Voxels.ToArray())]);
    }

    private static void Add(
        SortedDictionary<int, (List<int> Voxels, int Seen)> samples, ReadOnlySpan<int> labels, int first, int rememberedVoxels, RandomStream random)
    {
        for (int next = 0; labels[next..].IndexOfAnyExcept(0) is >= 0 and var zeros; next++)
        {
            next += zeros;
            int value = labels[next];
            if (value < 0)
                continue;
            var (voxels, seen) = samples.TryGetValue(value, out var sample) ? sample : ([], 0);
            if (seen < rememberedVoxels)
                voxels.Add(first + next);
            else if (random.Below(seen + 1) is var slot && slot < rememberedVoxels)
                voxels[slot] = first + next;
            samples[value] = (voxels, seen + 1);
        }
    }

    /// <summary>The flat index of a random voxel of a random class; null where there is only background.</summary>
    public int? Draw(RandomStream random)
    {
        if (_voxelsOfPresentClasses.Length == 0)
            return null;
        int[] voxels = _voxelsOfPresentClasses[random.Below(_voxelsOfPresentClasses.Length)];
        return voxels[random.Below(voxels.Length)];
    }
}
