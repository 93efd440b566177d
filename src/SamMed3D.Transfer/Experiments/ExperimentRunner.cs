namespace SamMed3D.Transfer;

/// <summary>Where everything meets: data, model, weights, training and the run folder. Read this first.</summary>
public static class ExperimentRunner
{
    /// <summary>
    /// Holds an experiment against its data set, and fills in what the data set decides: the number of classes where it is not given, and the
    /// intensity statistics of the fold's training cases, where the normalisation needs them. Reads no other image, and of a checkpoint only its table of contents.
    /// </summary>
    /// <param name="experiment">As its file says.</param>
    /// <param name="stop">Stops while the statistics are taken, between cases.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="InvalidDataException">The data set is broken, or does not fit the experiment.</exception>
    public static Experiment Prepare(Experiment experiment, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        var manifest = DatasetManifest.Open(experiment.Data.Root);
        if (experiment.Model.ClassCount == 0)
            experiment = experiment with { Model = experiment.Model with { ClassCount = manifest.Labels.ChannelCount } };
        if (experiment.Data.Labels is null && manifest.Labels.HasRegions)
            experiment = experiment with { Data = experiment.Data with { Labels = manifest.Labels } };
        RequireFit(experiment, manifest);
        var (training, _) = FoldOf(experiment, manifest);
        RunStart.RequireCheckpoint(experiment.Start, (experiment.Model as UnetrOptions)?.Backbone, checkpoint => ExperimentModel.WhyRefused(experiment, checkpoint));
        var preprocessing = experiment.Data.Preprocessing;
        if (preprocessing.Normalization != Normalization.CtClip || preprocessing.Statistics is not null)
            return experiment;
        return experiment with
        {
            Data = experiment.Data with { Preprocessing = preprocessing with { Statistics = DatasetStatistics.Of(manifest, training, stop) } },
        };
    }

    /// <summary>Trains in a run folder: metrics.csv, TensorBoard's events, load-report.json, parameters.json, the best and the last weights, and a state to go on from.</summary>
    /// <param name="run">Made by <see cref="RunFolder.Create"/> from a prepared experiment, or an unfinished one to go on with.</param>
    /// <param name="progress">Told after every step, on this thread.</param>
    /// <param name="isResumed">Goes on from the folder's state; the run then equals one that was never stopped.</param>
    /// <param name="stop">Stops after the current step; the state is kept.</param>
    /// <returns>The validation scores of the best weights, on the grid that the network sees.</returns>
    /// <exception cref="OperationCanceledException">Stopped; the state is saved.</exception>
    /// <exception cref="InvalidDataException">A file of the data set, the checkpoint or the state is broken or does not fit.</exception>
    /// <exception cref="WeightsRefusedException">The checkpoint does not fit the model.</exception>
    /// <exception cref="TrainingDivergedException">The loss or the gradient became infinite or NaN.</exception>
    /// <exception cref="InvalidOperationException">Another process is training in the folder.</exception>
    /// <exception cref="InsufficientMemoryException">The run needs more memory than there is; the message says which settings would make it fit.</exception>
    public static SegmentationScores Train(RunFolder run, IProgress<RunProgress>? progress = null, bool isResumed = false, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        var experiment = run.Experiment;
        using var held = run.Hold();
        return RunStart.OrDiscard(run, isResumed, () => Train(run, experiment, progress, isResumed, stop));
    }

    private static SegmentationScores Train(RunFolder run, Experiment experiment, IProgress<RunProgress>? progress, bool isResumed, CancellationToken stop)
    {
        var manifest = DatasetManifest.Open(experiment.Data.Root);
        RequireFit(experiment, manifest);
        if (isResumed)
            StateFile.Require(run);
        var (training, validation) = FoldOf(experiment, manifest);
        var preprocessor = new CasePreprocessor(experiment.Data.Preprocessing, manifest);
        using var trainingCases = CaseStore.Of(training, preprocessor, experiment.Data.Cache);
        using var validationCases = CaseStore.Of(validation, preprocessor, experiment.Data.Cache);
        using var model = Begin(
            run, trainingCases, validationCases, made => RunMemory.Require(run, made, manifest, training, validation, progress),
            [.. training, .. validation], progress, isResumed, stop, out var report);
        model.to(experiment.Device.Resolve());
        var foreground = manifest.Labels.Names;
        var segmenter = new VolumeSegmenter(model, preprocessor, experiment.Inference);
        var patches = new PatchBatchSource(
            trainingCases, experiment.Data.Patches, experiment.Data.Flips, experiment.Training.BatchSize, experiment.Seed, experiment.Data.Augmentation);
        using var trainer = new Trainer(model, experiment.Training, manifest.Labels);
        if (!isResumed)
        {
            RunStart.TellLearning(run, trainer.Groups.Table, progress);
            RunFolder.Write(run.HashesPath, RunIdentity.Of(training, validation, patches, model, report));
        }

        var columns = new ScoreColumns<SegmentationScores>(
            ["meanDice", .. foreground], scores => scores.ClassMeans.Prepend(scores.MeanDice),
            scores => FormattableString.Invariant($"validation Dice {scores.MeanDice:0.000}"));
        using var recorder = RunRecorder<SegmentationScores>.Open(
            run, model, trainer, TrainingManifest.Of(experiment, manifest.Name, training), columns, report, progress, isResumed);
        using var batches = new PrefetchedBatches(
            patches, experiment.Training.LeakCheck ? 0 : experiment.Data.Workers, experiment.Data.Prefetch, experiment.Training.Steps * experiment.Training.AccumulationSteps);
        return RunStart.Finish(
            run, model, trainer, recorder, batches,
            _ => new SegmentationScores(foreground, [.. Enumerable.Range(0, validationCases.Count).Select(Score)]),
            experiment.Training.Steps, stop);

        CaseScores Score(int index)
        {
            var held = validationCases[index];
            var scores = segmenter.Score(held, WindowProgress.Of(progress, "validating", index, validationCases.Count, held.Id), stop);
            progress?.Report(new RunProgress("validating", index + 1, validationCases.Count, "cases", scores.CaseId));
            return scores;
        }
    }

    /// <summary>Makes the model and opens the cases.</summary>
    private static nn.Module<Tensor, Tensor> Begin(
        RunFolder run, CaseStore training, CaseStore validation, Action<nn.Module> requireMemory, IEnumerable<DatasetCase> cases,
        IProgress<RunProgress>? progress, bool isResumed, CancellationToken stop, out LoadReport? report)
    {
        nn.Module<Tensor, Tensor>? model = null;
        try
        {
            // The model first: what a checkpoint lacks shows at once, while opening the cases may take minutes.
            model = ExperimentModel.Create(run.Experiment, out report);
            requireMemory(model);
            if (isResumed)
                RunStart.RequireSameFile(run, report);
            else
                RunStart.TellLoaded(run, report, progress);
            DataFiles.Require(run, cases, run.Experiment.Data.Cache, progress, isResumed, stop);
            OpenCases(training, validation, progress, stop);
            return model;
        }
        catch
        {
            model?.Dispose();
            throw;
        }
    }

    /// <summary>Opens the cases up front, as far as they are held in memory: what is broken shows before the first step, not hours later.</summary>
    private static void OpenCases(CaseStore training, CaseStore validation, IProgress<RunProgress>? progress, CancellationToken stop)
    {
        int total = training.Count + validation.Count;
        for (var index = 0; index < total; index++)
        {
            stop.ThrowIfCancellationRequested();
            string id = index < training.Count ? training.Prepare(index) : validation.Prepare(index - training.Count);
            progress?.Report(new RunProgress("preparing", index + 1, total, "cases", id));
        }
    }

    private static void RequireFit(Experiment experiment, DatasetManifest manifest)
    {
        int channels = manifest.Labels.ChannelCount;
        if (channels != experiment.Model.ClassCount)
            throw new InvalidDataException(
                $"{manifest.Root}: has {channels} {(manifest.Labels.HasRegions ? "regions" : "classes")} "
                + $"({string.Join(", ", manifest.Labels.HasRegions ? manifest.Labels.Names : manifest.ClassNames)}), but model.classCount is "
                + $"{experiment.Model.ClassCount}; set model.classCount={channels}, or leave it out.");
        if ((experiment.Data.Labels is not null || manifest.Labels.HasRegions) && experiment.Data.Labels != manifest.Labels)
            throw new InvalidDataException($"{manifest.Root}: its labels are not those of data.labels; leave data.labels out, it is filled in from the data set.");
        RunStart.RequireChannels(manifest, experiment.Model.VolumeChannels, experiment.Model is UnetrOptions ? "model.backbone.inputChannels" : "model.inputChannels");
        if (ExperimentValidator.Contradictions(experiment).Select(found => ((string, string)?)found).FirstOrDefault() is (var key, var message))
            throw new InvalidDataException($"{manifest.Root}: {key} {message}");
    }

    /// <summary>The cases to train on and those that are held out.</summary>
    internal static (IReadOnlyList<DatasetCase> Training, IReadOnlyList<DatasetCase> Validation) FoldOf(Experiment experiment, DatasetManifest manifest) =>
        DataSplit.CasesOf(manifest, experiment.Data.Splits, experiment.Data.Fold, experiment.Data.FoldCount, experiment.Seed, experiment.Data.Budget);
}
