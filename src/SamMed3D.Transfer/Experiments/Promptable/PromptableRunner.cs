using System.Globalization;

namespace SamMed3D.Transfer;

/// <summary>Trains a promptable model as an experiment says: data, model, weights and the run folder meet here.</summary>
public static class PromptableRunner
{
    /// <summary>Holds an experiment against its data set and its checkpoint's table of contents, before anything is made.</summary>
    /// <exception cref="InvalidDataException">The data set or the checkpoint is broken, or does not fit.</exception>
    public static void Check(PromptableExperiment experiment)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        var manifest = DatasetManifest.Open(experiment.Data.Root);
        RunStart.RequireChannels(manifest, experiment.Encoder.InputChannels, "encoder.inputChannels");
        FoldOf(experiment, manifest);
        RunStart.RequireCheckpoint(experiment.Start, experiment.Encoder, checkpoint =>
        {
            var family = WeightFamily.Recognise(checkpoint.Tensors);
            if (experiment.Start is InflatedStart)
                return family.WhyNotInflated;
            return family.Pattern is null || family.Family is ModelFamily.SamMed3D or ModelFamily.SamMed3DEncoder
                ? null
                : $"it was recognised as {family.Name} ({family.Reason}), but a promptable model starts from SAM-Med3D, or from its encoder alone with "
                    + "start.load.allowMissing: [decoder].";
        });
    }

    /// <summary>The network with its start's weights, on the CPU; the caller owns it.</summary>
    /// <param name="experiment">Gives the model, the start and the seed.</param>
    /// <param name="report">What was loaded from the start's checkpoint; null for a start from scratch.</param>
    /// <exception cref="WeightsRefusedException">The checkpoint does not fit.</exception>
    public static PromptableModel CreateModel(PromptableExperiment experiment, out LoadReport? report)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        PromptableModel model;
        using (new SeededGenerator(experiment.Seed))
            model = new PromptableModel(experiment.Model);
        try
        {
            report = null;
            if (experiment.Start.Source is { } path)
            {
                using var checkpoint = Checkpoint.Open(path);
                report = experiment.Start switch
                {
                    InflatedStart planar => WeightLoader.LoadInflated(model, checkpoint, planar.Inflation, planar.Load),
                    FileStart start => WeightLoader.Load(model, checkpoint, policy: start.PolicyFor(model, checkpoint)),
                    _ => throw new ArgumentException($"There is no way to load {path} for {experiment.Start.GetType().Name}.", nameof(experiment)),
                };
            }

            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Trains in a run folder: metrics.csv, load-report.json, the best and the last weights, and a state to go on from.</summary>
    /// <param name="run">Made by <see cref="RunFolder.Create"/>, or an unfinished one to go on with.</param>
    /// <param name="progress">Told after every step, on this thread.</param>
    /// <param name="isResumed">Goes on from the folder's state; the run then equals one that was never stopped.</param>
    /// <param name="stop">Stops after the current step; the state is kept.</param>
    /// <returns>The validation scores of the best weights.</returns>
    /// <exception cref="OperationCanceledException">Stopped; the state is saved.</exception>
    /// <exception cref="InvalidDataException">A file of the data set, the checkpoint or the state is broken or does not fit.</exception>
    /// <exception cref="WeightsRefusedException">The checkpoint does not fit the model.</exception>
    /// <exception cref="TrainingDivergedException">The loss or the gradient became infinite or NaN.</exception>
    /// <exception cref="InvalidOperationException">Another process is training in the folder.</exception>
    /// <exception cref="InsufficientMemoryException">The run needs more memory than there is; the message says which settings would make it fit.</exception>
    public static ClickScores Train(RunFolder run, IProgress<RunProgress>? progress = null, bool isResumed = false, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        var experiment = run.Promptable;
        using var held = run.Hold();
        return RunStart.OrDiscard(run, isResumed, () => Train(run, experiment, progress, isResumed, stop));
    }

    private static ClickScores Train(RunFolder run, PromptableExperiment experiment, IProgress<RunProgress>? progress, bool isResumed, CancellationToken stop)
    {
        Check(experiment);
        if (isResumed)
            StateFile.Require(run);
        var manifest = DatasetManifest.Open(experiment.Data.Root);
        var (training, validation) = FoldOf(experiment, manifest);
        var preprocessor = new CasePreprocessor(experiment.Data.Preprocessing, manifest);
        using var trainingCases = CaseStore.Of(training, preprocessor, experiment.Data.Cache);
        using var validationCases = CaseStore.Of(validation, preprocessor, experiment.Data.Cache);
        PromptableModel? made = null;
        LoadReport? report = null;
        TargetRegions trained, validated;
        try
        {
            made = CreateModel(experiment, out report);
            RunMemory.Require(run, made, manifest, training, validation, progress);
            if (isResumed)
                RunStart.RequireSameFile(run, report);
            else
                RunStart.TellLoaded(run, report, progress);
            DataFiles.Require(run, [.. training, .. validation], experiment.Data.Cache, progress, isResumed, stop);
            int total = training.Count + validation.Count, done = 0;
            var opened = new Synchronous(id => progress?.Report(new RunProgress("preparing", ++done, total, "cases", id)));
            var size = experiment.Encoder.ImageSize;
            trained = new TargetRegions(trainingCases, size, experiment.Data.MinimumVoxels, opened, stop);
            validated = new TargetRegions(validationCases, size, experiment.Data.MinimumVoxels, opened, stop);
            RequireTargets(manifest, experiment, trained, "training");
            RequireTargets(manifest, experiment, validated, "validation");
            progress?.Report(new RunProgress("preparing", total, total, "cases",
                $"{trained.Targets.Count} targets to train on, {validated.Targets.Count} to validate on, {trained.LeftOut + validated.LeftOut} left out as too small",
                IsNoteworthy: true));
        }
        catch
        {
            made?.Dispose();
            throw;
        }

        using var model = made;
        model.to(experiment.Device.Resolve());
        using var trainer = new PromptableTrainer(model, experiment.Training);
        if (!isResumed)
            RunStart.TellLearning(run, trainer.Groups.Table, progress);
        var columns = new ScoreColumns<ClickScores>(
            [.. ClickScores.PublishedClicks.Select(count => $"diceAfter{count}")], scores => scores.Means,
            scores => $"Dice after {string.Join(", ", scores.Clicks)} clicks "
                + string.Join(" ", scores.Means.Select(mean => mean.ToString("0.000", CultureInfo.InvariantCulture))));
        using var recorder = RunRecorder<ClickScores>.Open(
            run, model, trainer, TrainingManifest.Of(experiment, manifest.Name, training), columns, report, progress, isResumed);
        using var batches = new PrefetchedBatches(
            new TargetBatchSource(
                trained, experiment.Data.MaximumShift, experiment.Data.Flips, experiment.Training.BatchSize, experiment.Seed, experiment.Data.Augmentation),
            experiment.Training.LeakCheck ? 0 : experiment.Data.Workers, experiment.Data.Prefetch, experiment.Training.Steps * experiment.Training.AccumulationSteps);
        return RunStart.Finish(
            run, model, trainer, recorder, batches, _ => Score(model, validated, experiment, progress, stop), experiment.Training.Steps, stop);
    }

    /// <summary>Dice after 1, 3, 5 and 10 clicks on every target of the regions, with the same clicks at every validation.</summary>
    private static ClickScores Score(PromptableModel model, TargetRegions regions, PromptableExperiment experiment, IProgress<RunProgress>? progress, CancellationToken stop)
    {
        var clicks = ClickScores.PublishedClicks;
        var targets = new List<(string, IReadOnlyList<double>)>();
        foreach (var target in regions.Targets)
        {
            stop.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var (image, labels) = regions.Cut(target);
            var user = new SimulatedUser(experiment.Training.Clicks, new RandomStream(experiment.Seed, targets.Count).ToRandom());
            var scores = ClickedRegion.Score(model, image.unsqueeze(0), labels[0] > 0, user, clicks[^1]);
            targets.Add(($"{target.CaseId}:{target.Label}", [.. clicks.Select(count => scores[count - 1].Value)]));
            progress?.Report(new RunProgress("validating", targets.Count, regions.Targets.Count, "targets"));
        }

        return new ClickScores(clicks, targets);
    }

    private static (IReadOnlyList<DatasetCase> Training, IReadOnlyList<DatasetCase> Validation) FoldOf(PromptableExperiment experiment, DatasetManifest manifest) =>
        DataSplit.CasesOf(manifest, experiment.Data.Splits, experiment.Data.Fold, experiment.Data.FoldCount, experiment.Seed, experiment.Data.Budget);

    private static void RequireTargets(DatasetManifest manifest, PromptableExperiment experiment, TargetRegions regions, string part)
    {
        if (regions.Targets.Count == 0)
            throw new InvalidDataException(
                $"{manifest.Root}: no target for {part} has {experiment.Data.MinimumVoxels} voxels or more ({regions.LeftOut} have fewer); lower data.minimumVoxels.");
    }

    private sealed class Synchronous(Action<string> action) : IProgress<string>
    {
        public void Report(string value) => action(value);
    }
}
