namespace SamMed3D.Transfer;

/// <summary>
/// Brings volumes onto any other grid, such as a prediction back onto the grid of its input file. Each voxel of the new grid looks up
/// its place in the old one; what lies outside is 0.
/// </summary>
public static class GridResampler
{
    /// <summary>Labels on another grid, from the nearest voxel; a new volume. Exact half-way places go to the higher index.</summary>
    public static LabelVolume ToGrid(LabelVolume labels, Geometry target)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(target);
        var result = new LabelVolume(zeros(target.Size.ToArray(), ScalarType.Int32), target);
        var lookup = new GridLookup(labels.Geometry, target);
        ReadOnlySpan<int> from = labels.Voxels();
        Span<int> to = result.Voxels();
        for (int x = 0, voxel = 0; x < target.Size.X; x++)
            for (int y = 0; y < target.Size.Y; y++)
                for (int z = 0; z < target.Size.Z; z++, voxel++)
                    if (lookup.Nearest(x, y, z) is >= 0 and var source)
                        to[voxel] = from[source];
        return result;
    }

    /// <summary>An image on another grid, interpolated linearly; a new volume.</summary>
    public static Volume ToGrid(Volume volume, Geometry target)
    {
        ArgumentNullException.ThrowIfNull(volume);
        ArgumentNullException.ThrowIfNull(target);
        var result = new Volume(zeros([volume.Channels, .. target.Size.ToArray()], ScalarType.Float32), target);
        var lookup = new GridLookup(volume.Geometry, target);
        for (int channel = 0; channel < volume.Channels; channel++)
        {
            ReadOnlySpan<float> from = volume.Voxels(channel);
            Span<float> to = result.Voxels(channel);
            for (int x = 0, voxel = 0; x < target.Size.X; x++)
                for (int y = 0; y < target.Size.Y; y++)
                    for (int z = 0; z < target.Size.Z; z++, voxel++)
                        if (lookup.Linear(x, y, z) is { } place)
                            to[voxel] = (float)place.Blend(from);
        }
        return result;
    }

    /// <summary>
    /// The most probable class on another grid: each class's scores are interpolated linearly and the largest wins (the lowest class
    /// on a tie), without ever holding all scores on the new grid. Smoother than taking the nearest label.
    /// </summary>
    /// <param name="scores">One channel per class, class 0 (background) first: probabilities or logits.</param>
    /// <param name="target">The grid of the result; what lies outside the scores is background.</param>
    public static LabelVolume ClassesOnGrid(Volume scores, Geometry target)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(target);
        var result = new LabelVolume(zeros(target.Size.ToArray(), ScalarType.Int32), target);
        var lookup = new GridLookup(scores.Geometry, target);
        var places = new LinearPlace?[target.Size.Z];
        var best = new double[target.Size.Z];
        for (int x = 0; x < target.Size.X; x++)
            for (int y = 0; y < target.Size.Y; y++)
            {
                for (int z = 0; z < places.Length; z++)
                    places[z] = lookup.Linear(x, y, z);
                Array.Fill(best, double.NegativeInfinity);
                Span<int> line = result.Voxels().Slice((x * target.Size.Y + y) * target.Size.Z, target.Size.Z);
                for (int channel = 0; channel < scores.Channels; channel++)
                {
                    ReadOnlySpan<float> from = scores.Voxels(channel);
                    for (int z = 0; z < places.Length; z++)
                        if (places[z] is { } place && place.Blend(from) is var score && score > best[z])
                            (best[z], line[z]) = (score, channel);
                }
            }
        return result;
    }
}
