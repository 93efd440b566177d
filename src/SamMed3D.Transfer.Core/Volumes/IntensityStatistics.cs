namespace SamMed3D.Transfer;

/// <summary>How the intensities of a data set are distributed: what CT normalisation needs (nnU-Net's "fingerprint").</summary>
public sealed record IntensityStatistics
{
    /// <summary>Number of voxels that were looked at.</summary>
    public required long Count { get; init; }

    /// <summary>Their mean.</summary>
    public required double Mean { get; init; }

    /// <summary>Their standard deviation (divided by N).</summary>
    public required double StandardDeviation { get; init; }

    /// <summary>The least.</summary>
    public required double Minimum { get; init; }

    /// <summary>0.5 percent lie below this.</summary>
    public required double Percentile00_5 { get; init; }

    /// <summary>Half lie below this.</summary>
    public required double Median { get; init; }

    /// <summary>99.5 percent lie below this.</summary>
    public required double Percentile99_5 { get; init; }

    /// <summary>The greatest.</summary>
    public required double Maximum { get; init; }

    /// <summary>Describes pooled intensities; percentiles are interpolated linearly between order statistics.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static IntensityStatistics Of(IEnumerable<float> intensities)
    {
        ArgumentNullException.ThrowIfNull(intensities);
        float[] sorted = [.. intensities];
        if (sorted.Length == 0)
            throw new ArgumentException("Expected at least one intensity, got none; are all labels 0?", nameof(intensities));
        Array.Sort(sorted);
        Moments moments = Moments.Of(sorted);
        return new()
        {
            Count = sorted.Length,
            Mean = moments.Mean,
            StandardDeviation = moments.StandardDeviation,
            Minimum = sorted[0],
            Percentile00_5 = Percentile(0.5),
            Median = Percentile(50),
            Percentile99_5 = Percentile(99.5),
            Maximum = sorted[^1],
        };

        double Percentile(double percent)
        {
            double place = percent / 100 * (sorted.Length - 1);
            int low = (int)place, high = Math.Min(low + 1, sorted.Length - 1);
            return sorted[low] + (place - low) * ((double)sorted[high] - sorted[low]);
        }
    }

    /// <summary>The intensities of a channel where the label is above 0, to be pooled over the cases of a data set.</summary>
    /// <exception cref="ArgumentException">Image and labels lie on different grids.</exception>
    public static float[] Foreground(Volume volume, LabelVolume labels, int channel = 0)
    {
        ArgumentNullException.ThrowIfNull(volume);
        ArgumentNullException.ThrowIfNull(labels);
        if (!volume.Geometry.Matches(labels.Geometry))
            throw new ArgumentException($"Expected image and labels on one grid, got {volume.Geometry} and {labels.Geometry}.", nameof(labels));
        ReadOnlySpan<float> values = volume.Voxels(channel);
        ReadOnlySpan<int> classes = labels.Voxels();
        List<float> foreground = [];
        for (int voxel = 0; voxel < values.Length; voxel++)
            if (classes[voxel] > 0)
                foreground.Add(values[voxel]);
        return [.. foreground];
    }
}
