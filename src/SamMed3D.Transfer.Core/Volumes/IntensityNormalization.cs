namespace SamMed3D.Transfer;

/// <summary>Brings intensities to a common scale, each channel by itself. Every method returns a new volume.</summary>
public static class IntensityNormalization
{
    /// <summary>nnU-Net's floor for deviations and ranges: a constant image becomes 0, not NaN.</summary>
    private const double Least = 1e-8;

    /// <summary>
    /// SAM-Med3D's: mean and deviation (divided by N - 1) of the voxels above 0 are applied to all voxels; padding and background
    /// become -mean / deviation.
    /// </summary>
    /// <exception cref="ArgumentException">A channel has fewer than two different values above 0.</exception>
    public static Volume ZScoreOverPositive(Volume volume) => Apply(volume, static (_, values) => OverPositive(values));

    /// <summary>The same for the voxels of one channel, in place.</summary>
    internal static void ZScoreOverPositive(Span<float> values)
    {
        var scale = OverPositive(values);
        foreach (ref float value in values)
            value = scale.Of(value);
    }

    /// <summary>nnU-Net's for images without a physical scale, such as MR: mean and deviation (divided by N) of the whole image.</summary>
    public static Volume ZScore(Volume volume) => Apply(volume, static (_, values) =>
    {
        Moments moments = Moments.Of(values);
        return new(moments.Mean, Math.Max(moments.StandardDeviation, Least));
    });

    /// <summary>The same inside a mask only; voxels outside stay as they are.</summary>
    /// <param name="volume">The image.</param>
    /// <param name="mask">Not 0 where the image counts.</param>
    /// <exception cref="ArgumentException">The mask lies on another grid, or is empty.</exception>
    public static Volume ZScore(Volume volume, LabelVolume mask)
    {
        ArgumentNullException.ThrowIfNull(volume);
        ArgumentNullException.ThrowIfNull(mask);
        if (!volume.Geometry.Matches(mask.Geometry))
            throw new ArgumentException($"Expected a mask on the image's grid ({volume.Geometry}), got {mask.Geometry}.", nameof(mask));
        return Apply(volume, (_, values) =>
        {
            Moments moments = Moments.OfMasked(values, mask.Voxels());
            return moments.Count > 0
                ? new(moments.Mean, Math.Max(moments.StandardDeviation, Least))
                : throw new ArgumentException("Expected a mask with voxels in it, got an empty one.", nameof(mask));
        }, mask);
    }

    /// <summary>nnU-Net's for CT: clipped to the 0.5 and 99.5 percentiles of the data set, then its mean and deviation.</summary>
    /// <param name="volume">The image.</param>
    /// <param name="statistics">Of the foreground of the training set: one for all channels, or one each.</param>
    /// <exception cref="ArgumentException">There is neither one set of statistics nor one for each channel.</exception>
    public static Volume ClipAndZScore(Volume volume, params IReadOnlyList<IntensityStatistics> statistics)
    {
        ArgumentNullException.ThrowIfNull(volume);
        ArgumentNullException.ThrowIfNull(statistics);
        if (statistics.Count != 1 && statistics.Count != volume.Channels)
            throw new ArgumentException($"Expected statistics for {volume.Channels} channels, got {statistics.Count}.", nameof(statistics));
        return Apply(volume, (channel, _) =>
        {
            IntensityStatistics own = statistics[statistics.Count == 1 ? 0 : channel];
            return new(own.Mean, Math.Max(own.StandardDeviation, Least), own.Percentile00_5, own.Percentile99_5);
        });
    }

    /// <summary>The least value becomes 0, the greatest 1.</summary>
    public static Volume Rescale01(Volume volume) => Apply(volume, static (_, values) =>
    {
        (double least, double most) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (float value in values)
            (least, most) = (Math.Min(least, value), Math.Max(most, value));
        return new(least, Math.Max(most - least, Least));
    });

    private readonly record struct Scale(
        double Shift, double Divisor, double Lowest = double.NegativeInfinity, double Highest = double.PositiveInfinity)
    {
        public float Of(float value) => (float)((Math.Clamp(value, Lowest, Highest) - Shift) / Divisor);
    }

    private delegate Scale Rule(int channel, ReadOnlySpan<float> values);

    private static Scale OverPositive(ReadOnlySpan<float> values)
    {
        Moments moments = Moments.OfPositive(values);
        if (moments.Count == 0)
            throw new ArgumentException("Expected voxels above 0 to normalise by, got none; is the image empty or outside the region?");
        double deviation = moments.UnbiasedDeviation;
        return deviation > 0
            ? new(moments.Mean, deviation)
            : throw new ArgumentException($"Expected different values above 0 to normalise by, got {moments.Count} equal ones.");
    }

    private static Volume Apply(Volume volume, Rule rule, LabelVolume? mask = null)
    {
        ArgumentNullException.ThrowIfNull(volume);
        var result = new Volume(volume.Values.clone(), volume.Geometry);
        try
        {
            for (int channel = 0; channel < volume.Channels; channel++)
            {
                Span<float> values = result.Voxels(channel);
                ReadOnlySpan<int> counts = mask is null ? [] : mask.Voxels();
                Scale scale = rule(channel, values);
                for (int voxel = 0; voxel < values.Length; voxel++)
                    if (counts.IsEmpty || counts[voxel] != 0)
                        values[voxel] = scale.Of(values[voxel]);
            }
            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }
}
