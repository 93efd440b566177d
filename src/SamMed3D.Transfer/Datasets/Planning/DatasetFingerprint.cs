namespace SamMed3D.Transfer;

/// <summary>What the training cases of a data set are like: grids, and intensities of the labelled voxels. The same data and seed give the same numbers.</summary>
public sealed record DatasetFingerprint
{
    /// <summary>
    /// Labelled voxels that are kept of each channel for percentiles: all of them in a small data set, else a sample in which each voxel has the same
    /// chance (Vitter's algorithm R). Count, mean, deviation, least and greatest are of all.
    /// </summary>
    public const int SampleSize = 1 << 20;

    /// <summary>The training cases, by id.</summary>
    public required IReadOnlyList<CaseFingerprint> Cases { get; init; }

    /// <summary>Intensities of the labelled voxels of all training cases, channel by channel.</summary>
    public required IReadOnlyList<IntensityStatistics> Intensities { get; init; }

    /// <summary>The median spacing of each axis, in mm: left-right, back-front, feet-head.</summary>
    public Double3 MedianSpacing => ByAxis(axis => RobustRange.MedianOf([.. Cases.Select(one => one.Spacing[axis])]));

    /// <summary>The median extent of each axis, in mm.</summary>
    public Double3 MedianExtent => ByAxis(axis => RobustRange.MedianOf([.. Cases.Select(one => one.Size[axis] * one.Spacing[axis])]));

    /// <summary>How many training cases have each class or region.</summary>
    /// <param name="scheme">The data set's labels.</param>
    public IReadOnlyList<int> CasesWith(LabelScheme scheme)
    {
        ArgumentNullException.ThrowIfNull(scheme);
        return [.. scheme.Names.Select(name => Cases.Count(one => one.Present.Contains(name)))];
    }

    /// <summary>Reads the training cases, one at a time.</summary>
    /// <param name="manifest">The data set.</param>
    /// <param name="seed">Of the sample.</param>
    /// <param name="progress">Told after every case.</param>
    /// <param name="stop">Stops between cases.</param>
    /// <exception cref="InvalidDataException">A case is broken; the message has the file. No case has a labelled voxel.</exception>
    public static DatasetFingerprint Of(DatasetManifest manifest, long seed = 0, IProgress<RunProgress>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        var training = manifest.TrainingCases.ToList();
        var samples = manifest.ChannelNames.Select((_, channel) => new IntensitySample(SampleSize, new RandomStream(seed, channel))).ToArray();
        var cases = new List<CaseFingerprint>();
        foreach (var one in training)
        {
            stop.ThrowIfCancellationRequested();
            var (image, labels) = CaseFiles.Read(one, manifest.ChannelNames.Count, manifest.Labels);
            using (image)
            using (labels)
                cases.Add(Of(one, image, labels!, manifest.Labels, samples));
            progress?.Report(new RunProgress("reading", cases.Count, training.Count, "cases", one.Id));
        }

        return samples[0].Count > 0
            ? new DatasetFingerprint { Cases = cases, Intensities = [.. samples.Select(sample => sample.Statistics())] }
            : throw new InvalidDataException($"{manifest.Source}: none of the {training.Count} training cases has a labelled voxel to take statistics of.");
    }

    private static CaseFingerprint Of(DatasetCase one, Volume image, LabelVolume labels, LabelScheme scheme, IntensitySample[] samples)
    {
        var canonical = Reorientation.To(image.Geometry, Orientation.Canonical);
        ReadOnlySpan<int> classes = labels.Voxels();
        var isPresent = new bool[scheme.ValueCount];
        long foreground = 0;
        foreach (int value in classes)
            if (value > 0)
            {
                isPresent[value] = true;
                foreground++;
            }

        double positive = 1;
        for (var channel = 0; channel < image.Channels; channel++)
        {
            ReadOnlySpan<float> values = image.Voxels(channel);
            long above = 0;
            for (var voxel = 0; voxel < values.Length; voxel++)
            {
                above += values[voxel] > 0 ? 1 : 0;
                if (classes[voxel] > 0)
                    samples[channel].Add(values[voxel]);
            }

            positive = Math.Min(positive, (double)above / values.Length);
        }

        return new CaseFingerprint
        {
            Id = one.Id,
            Subject = one.Subject,
            Size = canonical.Size,
            Spacing = canonical.Spacing,
            ForegroundVoxels = foreground,
            Present = [.. scheme.Structures.Where(structure => structure.Values.Any(value => isPresent[value])).Select(structure => structure.Name)],
            PositiveShare = positive,
        };
    }

    private static Double3 ByAxis(Func<int, double> of) => new(of(0), of(1), of(2));
}
