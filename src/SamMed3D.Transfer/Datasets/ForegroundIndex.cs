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
    public static ForegroundIndex Of(ReadOnlySpan<int> labels, int rememberedVoxels, RandomStream random)
    {
        var samples = new SortedDictionary<int, (List<int> Voxels, int Seen)>();
        for (var voxel = 0; voxel < labels.Length; voxel++)
        {
            int value = labels[voxel];
            if (value <= 0)
                continue;
            var (voxels, seen) = samples.TryGetValue(value, out var sample) ? sample : ([], 0);
            if (seen < rememberedVoxels)
                voxels.Add(voxel);
            else if (random.Below(seen + 1) is var slot && slot < rememberedVoxels)
                voxels[slot] = voxel;
            samples[value] = (voxels, seen + 1);
        }

        return new ForegroundIndex([.. samples.Keys], [.. samples.Values.Select(sample => sample.Voxels.ToArray())]);
    }

    /// <summary>The flat index of a random voxel of a random class; null where there is only background.</summary>
    public int? Draw(ref RandomStream random)
    {
        if (_voxelsOfPresentClasses.Length == 0)
            return null;
        int[] voxels = _voxelsOfPresentClasses[random.Below(_voxelsOfPresentClasses.Length)];
        return voxels[random.Below(voxels.Length)];
    }
}
