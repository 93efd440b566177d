namespace SamMed3D.Transfer;

/// <summary>Preprocesses the cases of an experiment into its cache ahead of the training.</summary>
public static class CachePreparation
{
    /// <summary>For a segmentation.</summary>
    /// <param name="experiment">Prepared, with a cache.</param>
    /// <param name="progress">Told after every case.</param>
    /// <param name="stop">Stops between cases; what is done stays.</param>
    /// <exception cref="InvalidDataException">There is no cache in the experiment, or a case is broken.</exception>
    public static CacheSummary Run(Experiment experiment, IProgress<RunProgress>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        return Run(experiment.Data.Root, experiment.Data.Preprocessing, experiment.Data.Cache, progress, stop);
    }

    /// <summary>For a promptable model.</summary>
    /// <param name="experiment">With a cache.</param>
    /// <param name="progress">Told after every case.</param>
    /// <param name="stop">Stops between cases; what is done stays.</param>
    /// <exception cref="InvalidDataException">There is no cache in the experiment, or a case is broken.</exception>
    public static CacheSummary Run(PromptableExperiment experiment, IProgress<RunProgress>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        return Run(experiment.Data.Root, experiment.Data.Preprocessing, experiment.Data.Cache, progress, stop);
    }

    private static CacheSummary Run(string root, PreprocessingOptions options, string? folder, IProgress<RunProgress>? progress, CancellationToken stop)
    {
        if (folder is null)
            throw new InvalidDataException("The experiment has no cache; name a folder for it, such as data.cache=.cache.");
        var manifest = DatasetManifest.Open(root);
        DatasetCase[] cases = [.. manifest.TrainingCases.Where(one => one.LabelPath is not null)];
        var cache = new CaseCache(folder, new CasePreprocessor(options, manifest));
        long bytes = 0;
        for (var index = 0; index < cases.Length; index++)
        {
            stop.ThrowIfCancellationRequested();
            cache.Ensure(cases[index]);
            bytes += new FileInfo(cache.PathOf(cases[index])).Length;
            progress?.Report(new RunProgress("caching", index + 1, cases.Length, "cases", cases[index].Id));
        }

        return new CacheSummary(folder, cases.Length, cache.Built, cache.Repaired, cache.SourcesRead, bytes);
    }
}
