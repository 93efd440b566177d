namespace SamMed3D.Transfer;

/// <summary>Scores a folder of predicted label files against a folder of true ones; files belong together by name.</summary>
public static class FolderEvaluation
{
    /// <summary>The position-only guess is left out where its counts would take more than this.</summary>
    private const long LargestGuessBytes = 2L << 30;

    /// <summary>Compares all predictions.</summary>
    /// <param name="predictions">Folder of predicted label files, each on the grid of its truth.</param>
    /// <param name="labels">Folder of true label files.</param>
    /// <param name="dataset">Names the classes, and its training labels give the position-only guess; null to do without.</param>
    /// <param name="options">What to measure; by default all of it.</param>
    /// <param name="progress">Told (cases done, cases in all).</param>
    /// <param name="stop">Stops between cases.</param>
    /// <exception cref="DirectoryNotFoundException">A folder is missing.</exception>
    /// <exception cref="InvalidDataException">A prediction has no truth or lies on another grid, or a file is broken.</exception>
    public static FolderComparison Run(
        string predictions, string labels, DatasetManifest? dataset = null, EvaluationOptions? options = null,
        IProgress<(int Done, int Total)>? progress = null, CancellationToken stop = default)
    {
        options ??= new EvaluationOptions();
        options.Surfaces?.Validated();
        var predicted = Files(predictions);
        var truth = Files(labels);
        if (predicted.Count == 0)
            throw new InvalidDataException($"{predictions}: no label files ({VolumeEnding.Written}) in this folder.");
        if (predicted.Keys.Where(id => !truth.ContainsKey(id)).ToList() is { Count: > 0 } strangers)
            throw new InvalidDataException($"{labels}: no true labels for {strangers.Count} of {predicted.Count} predictions, such as {strangers[0]}.");
        var scheme = dataset?.Labels ?? LabelScheme.Numbered(ClassCount(predicted.Values.Concat(predicted.Keys.Select(id => truth[id])), stop));
        var foreground = scheme.Names;
        if (options.Surfaces?.ClassTolerances.Keys.FirstOrDefault(name => !foreground.Contains(name)) is { } stranger)
            throw new ArgumentException($"There is a tolerance for '{stranger}', which is no class; the classes are {string.Join(", ", foreground)}.", nameof(options));
        using var prior = dataset is null ? null : Prior([.. dataset.TrainingCases], dataset.Labels, stop);
        List<CaseScores> model = [], guess = [];
        foreach (var (id, file) in predicted)
        {
            stop.ThrowIfCancellationRequested();
            using var prediction = LabelVolume.Open(file);
            using var actual = LabelVolume.Open(truth[id]);
            if (!prediction.Geometry.Matches(actual.Geometry))
                throw new InvalidDataException($"{file}: its grid ({prediction.Geometry}) is not that of {truth[id]} ({actual.Geometry}).");
            if (dataset is not null)
                CaseFiles.RequireValues(truth[id], actual, scheme);
            model.Add(Attempt(file, () => CaseScores.Compare(id, actual, prediction, scheme, options.Surfaces)));
            if (prior is not null)
            {
                // Files may store their voxels in different orders; where things are is known in RAS+ alone.
                using var canonical = Reorientation.ToCanonical(actual);
                using var guessed = prior.Guess(canonical.Geometry.Size);
                guess.Add(Attempt(file, () => CaseScores.Compare(id, canonical.Values, guessed, scheme)));
            }

            progress?.Report((model.Count, predicted.Count));
        }

        return new FolderComparison(
            new SegmentationScores(foreground, model) { Empty = options.Empty, SurfaceOptions = options.Surfaces },
            prior is null ? null : new SegmentationScores(foreground, guess) { Empty = options.Empty },
            [.. truth.Keys.Where(id => !predicted.ContainsKey(id))]);
    }

    private static CaseScores Attempt(string file, Func<CaseScores> compare)
    {
        try
        {
            return compare();
        }
        catch (ArgumentException error)
        {
            throw new InvalidDataException($"{file}: {error.Message}", error);
        }
    }

    /// <summary>The guess on the smallest grid, in multiples of 16 voxels, that holds every training case; null where that would be too large.</summary>
    internal static PositionPrior? Prior(IReadOnlyList<DatasetCase> cases, LabelScheme labels, CancellationToken stop)
    {
        var size = new Size3(1, 1, 1);
        foreach (var one in cases)
        {
            stop.ThrowIfCancellationRequested();
            var extent = Reorientation.To(VolumeSource.Open(one.LabelPath!).Geometry, Orientation.Canonical).Size;
            size = new Size3(Math.Max(size.X, extent.X), Math.Max(size.Y, extent.Y), Math.Max(size.Z, extent.Z));
        }

        size = new Size3(RoundUp(size.X), RoundUp(size.Y), RoundUp(size.Z));
        if (cases.Count == 0 || size.Count * sizeof(int) * labels.ValueCount > LargestGuessBytes)
            return null;
        var prior = new PositionPrior(labels.ValueCount, size);
        foreach (var one in cases)
        {
            stop.ThrowIfCancellationRequested();
            using var truth = LabelVolume.Open(one.LabelPath!);
            using var canonical = Reorientation.ToCanonical(truth);
            prior.Accumulate(canonical.Values);
        }

        return prior;
    }

    private static int RoundUp(int extent) => (extent + 15) / 16 * 16;

    /// <summary>The classes up to the highest that occurs, background included.</summary>
    private static int ClassCount(IEnumerable<string> files, CancellationToken stop)
    {
        int highest = 1;
        foreach (string file in files)
        {
            stop.ThrowIfCancellationRequested();
            using var labels = LabelVolume.Open(file);
            foreach (int label in labels.Voxels())
                highest = Math.Max(highest, label);
        }

        return highest + 1;
    }

    /// <summary>Case id to file, in the order of ids.</summary>
    private static SortedDictionary<string, string> Files(string folder)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{folder}: no such folder.");
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(folder))
            if (VolumeEnding.Of(file) is { } found
                && !files.TryAdd(Path.GetFileName(file)[..^found.Length], file))
                throw new InvalidDataException($"{folder}: two files for case {Path.GetFileName(file)[..^found.Length]}; keep one.");
        return files;
    }
}
