namespace SamMed3D.Transfer;

/// <summary>What lies in the folder of a comparison: the folds of all runs, and a folder for each run, which is of the comparison's file as it is now.</summary>
internal static class ComparisonFolder
{
    /// <summary>Finds out before long work whether its results can be written, and makes the folder.</summary>
    /// <exception cref="InvalidDataException">They cannot; the message has the folder, the reason and what to do.</exception>
    public static void RequireWritable(ComparisonPlan plan)
    {
        try
        {
            Directory.CreateDirectory(plan.Folder);
            AtomicFile.RequireWritable(Path.Combine(plan.Folder, "results.csv"));
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw BrokenFile.Because(plan.Folder, $"the comparison's folder cannot be written ({reason.Message.TrimEnd('.')}); choose another with --set output=FOLDER, or make it writable.", reason);
        }
    }

    /// <summary>Two processes at one run would take its folder from each other. A killed process lets go of its claim.</summary>
    /// <exception cref="InvalidDataException">Another process is at it.</exception>
    public static IDisposable Claim(ComparisonCell cell)
    {
        Directory.CreateDirectory(cell.Plan.Folder);
        try
        {
            return RunLock.Take(cell.Folder + ".lock", cell.Folder);
        }
        catch (InvalidOperationException reason)
        {
            throw new InvalidDataException($"{cell.Folder}: another process is at this run; wait for it, or stop it.", reason);
        }
    }

    /// <summary>Parts a data set without folds of its own once for all runs.</summary>
    public static void RequireSplits(ComparisonPlan plan, Experiment experiment)
    {
        if (experiment.Data.Splits != plan.SplitsPath || File.Exists(plan.SplitsPath))
            return;
        var ids = DatasetManifest.Open(experiment.Data.Root).TrainingCases.Select(one => one.Id);
        Directory.CreateDirectory(plan.Folder);
        DataSplit.Save(plan.SplitsPath, DataSplit.KFold(ids, experiment.Data.FoldCount, plan.Seeds[0]).Folds);
    }

    /// <summary>What was trained is what the file says now: a run of an older file would be reported as one of this.</summary>
    /// <param name="cell">The run.</param>
    /// <param name="wanted">Its experiment.</param>
    /// <exception cref="InvalidDataException">Its folder holds another.</exception>
    public static void RequireSame(ComparisonCell cell, Experiment wanted)
    {
        if (Kept(cell)?.Experiment is not { } old)
            return;
        // What the data set decides was filled in when the run was made.
        var preprocessing = wanted.Data.Preprocessing with { Statistics = wanted.Data.Preprocessing.Statistics ?? old.Data.Preprocessing.Statistics };
        wanted = wanted with
        {
            Device = old.Device,
            Model = wanted.Model.ClassCount == 0 ? wanted.Model with { ClassCount = old.Model.ClassCount } : wanted.Model,
            Data = wanted.Data with { Labels = wanted.Data.Labels ?? old.Data.Labels, Preprocessing = preprocessing },
        };
        string[] before = ExperimentFile.ToYaml(old).Split('\n'), now = ExperimentFile.ToYaml(wanted).Split('\n');
        if (before.SequenceEqual(now))
            return;
        string was = before.Except(now).FirstOrDefault("").Trim(), becomes = now.Except(before).FirstOrDefault("").Trim();
        throw new InvalidDataException(
            $"{cell.Folder}: holds a run of another experiment; the comparison's file was changed (it had '{was}', and now says '{becomes}'). "
            + "Give the comparison another name, or delete the folder.");
    }

    /// <summary>Opens a run, or makes it.</summary>
    /// <param name="cell">The run.</param>
    /// <param name="isResumed">Whether it goes on from a state.</param>
    /// <param name="stop">Stops while the data set is looked at.</param>
    public static RunFolder Open(ComparisonCell cell, out bool isResumed, CancellationToken stop)
    {
        var experiment = cell.CreateExperiment();
        if (Kept(cell) is { } old)
        {
            RequireSame(cell, experiment);
            isResumed = !old.Manifest.IsFinished;
            return old;
        }

        isResumed = false;
        if (File.Exists(ManifestOf(cell)))
            Directory.Delete(cell.Folder, recursive: true);
        experiment = ExperimentRunner.Prepare(experiment, stop);
        return RunFolder.Create(experiment, experiment.Device.Resolve(), TimeProvider.System.GetLocalNow(), cell.Folder);
    }

    /// <summary>The run as far as it came; null where it was killed before anything was kept, or has not begun.</summary>
    private static RunFolder? Kept(ComparisonCell cell)
    {
        if (!File.Exists(ManifestOf(cell)))
            return null;
        var run = RunFolder.Open(cell.Folder);
        return run.Manifest.IsFinished || File.Exists(run.StatePath) ? run : null;
    }

    private static string ManifestOf(ComparisonCell cell) => Path.Combine(cell.Folder, "run.json");
}
