namespace SamMed3D.Transfer;

/// <summary>Intensities of a data set's foreground, for CT normalisation.</summary>
public static class DatasetStatistics
{
    // nnU-Net's "fingerprint" looks at about as many.
    private const int VoxelsInAll = 10_000_000;

    /// <summary>
    /// Pools the labelled voxels of the cases, channel by channel. A case with more than its share of ten million voxels gives evenly
    /// spaced ones (nnU-Net draws them at random).
    /// </summary>
    /// <param name="manifest">The data set.</param>
    /// <param name="cases">The cases to look at: the training cases of the fold, so that validation stays unseen.</param>
    /// <param name="stop">Stops between cases.</param>
    /// <returns>One for each channel.</returns>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or does not fit the data set, or no case has a labelled voxel.</exception>
    public static IReadOnlyList<IntensityStatistics> Of(DatasetManifest manifest, IReadOnlyCollection<DatasetCase> cases, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(cases);
        var pools = manifest.ChannelNames.Select(_ => new List<float>()).ToArray();
        foreach (var one in cases)
        {
            stop.ThrowIfCancellationRequested();
            var (image, labels) = CaseFiles.Read(one, manifest.ChannelNames.Count, manifest.Labels);
            using (image)
            using (labels)
            {
                if (labels is null)
                    continue;
                for (var channel = 0; channel < pools.Length; channel++)
                {
                    float[] foreground = IntensityStatistics.Foreground(image, labels, channel);
                    int every = 1 + foreground.Length / Math.Max(1, VoxelsInAll / cases.Count);
                    for (var voxel = 0; voxel < foreground.Length; voxel += every)
                        pools[channel].Add(foreground[voxel]);
                }
            }
        }

        return pools[0].Count > 0 ? [.. pools.Select(IntensityStatistics.Of)]
            : throw new InvalidDataException($"{manifest.Root}: none of the {cases.Count} cases has a labelled voxel to take statistics of.");
    }
}
