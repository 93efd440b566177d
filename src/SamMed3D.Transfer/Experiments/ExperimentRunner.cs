using System.Text.Json;
using System.Text.Json.Serialization;

namespace SamMed3D.Transfer;

/// <summary>Where everything meets: data, model, weights, training and the run folder. Read this first.</summary>
public static class ExperimentRunner
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>
    /// Holds an experiment against its data set, and fills in what the data set decides: the number of classes where it is not given, and the
    /// intensity statistics of the fold's training cases, where the normalisation needs them. Reads no other image, and of a checkpoint only its table of contents.
    /// </summary>
    /// <exception cref="InvalidDataException">The data set is broken, or does not fit the experiment.</exception>
    public static Experiment Prepare(Experiment experiment)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        var manifest = DatasetManifest.Open(experiment.Data.Root);
        if (experiment.Model.ClassCount == 0)
            experiment = experiment with { Model = experiment.Model with { ClassCount = manifest.ClassNames.Count } };
        RequireFit(experiment, manifest);
        var (training, _) = FoldOf(experiment, manifest);
        if (experiment.Start.Source is { } source)
            RequireCheckpoint(experiment, source);
        var preprocessing = experiment.Data.Preprocessing;
        if (preprocessing.Normalization != Normalization.CtClip || preprocessing.Statistics is not null)
            return experiment;
        return experiment with
        {
            Data = experiment.Data with { Preprocessing = preprocessing with { Statistics = DatasetStatistics.Of(manifest, training) } },
        };
    }

    /// <summary>Trains into a new run folder: metrics.csv, load-report.json, parameters.json, the best and the last weights.</summary>
    /// <param name="run">Made by <see cref="RunFolder.Create"/> from a prepared experiment.</param>
    /// <param name="progress">Told after every step, on this thread.</param>
    /// <param name="stop">Stops after the current step; the last weights are kept.</param>
    /// <returns>The validation scores of the best weights, on the grid that the network sees.</returns>
    /// <exception cref="OperationCanceledException">Stopped; the last weights are saved.</exception>
    /// <exception cref="InvalidDataException">A file of the data set or the checkpoint is broken or does not fit.</exception>
    /// <exception cref="WeightsRefusedException">The checkpoint does not fit the model.</exception>
    /// <exception cref="TrainingDivergedException">The loss or the gradient became infinite or NaN.</exception>
    public static SegmentationScores Train(RunFolder run, IProgress<RunProgress>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        var experiment = run.Experiment;
        var manifest = DatasetManifest.Open(experiment.Data.Root);
        RequireFit(experiment, manifest);
        var (training, validation) = FoldOf(experiment, manifest);
        var preprocessor = new CasePreprocessor(experiment.Data.Preprocessing, manifest);
        using var trainingCases = new CaseStore(training, preprocessor.Open);
        using var validationCases = new CaseStore(validation, preprocessor.Open);
        using var model = Begin(run, trainingCases, validationCases, progress, stop, out var report);
        model.to(experiment.Device.Resolve());
        string[] foreground = [.. manifest.ClassNames.Skip(1)];
        var segmenter = new VolumeSegmenter(model, preprocessor, experiment.Inference);
        var patches = new PatchBatchSource(
            trainingCases, experiment.Data.Patches, experiment.Data.Flips, experiment.Training.BatchSize, experiment.Seed);
        using var recorder = new TrainingRecorder(run, model, TrainingManifest.Of(experiment, manifest.Name, training), foreground, progress)
        {
            Start = report,
        };
        using var trainer = new Trainer(model, experiment.Training);
        Tell(run, trainer.Groups.Table, progress);
        bool isDone = trainer.Run(
            patches,
            recorder,
            _ => new SegmentationScores(foreground, [.. Enumerable.Range(0, validationCases.Count)
                .Select(index => segmenter.Score(validationCases[index], manifest.ClassNames.Count))]),
            stop);
        recorder.SaveLast();
        if (!isDone)
            throw new RunStoppedException(run, trainer.CompletedSteps, experiment.Training.Steps, stop);
        run.Finish(TimeProvider.System.GetLocalNow());
        return recorder.Best!;
    }

    /// <summary>Writes down and reports what of the model learns.</summary>
    private static void Tell(RunFolder run, ParameterTable table, IProgress<RunProgress>? progress)
    {
        AtomicFile.Write(run.ParametersPath, stream => JsonSerializer.Serialize(stream, table, Json));
        progress?.Report(new RunProgress("learning", 1, 1, "models", $"what learns:\n{table}", IsNoteworthy: true));
    }

    /// <summary>Makes the model and opens the cases; where that fails nothing has been learnt, and no folder is left behind.</summary>
    private static Unetr Begin(
        RunFolder run, CaseStore training, CaseStore validation, IProgress<RunProgress>? progress, CancellationToken stop, out LoadReport? report)
    {
        Unetr? model = null;
        try
        {
            // The model first: what a checkpoint lacks shows at once, while opening the cases may take minutes.
            model = ExperimentModel.Create(run.Experiment, out report);
            if (report is { } loaded)
            {
                AtomicFile.Write(run.LoadReportPath, stream => JsonSerializer.Serialize(stream, loaded, Json));
                progress?.Report(new RunProgress("loading", 1, 1, "checkpoints", loaded.Summary, IsNoteworthy: true));
            }

            OpenCases(training, validation, progress, stop);
            return model;
        }
        catch
        {
            model?.Dispose();
            run.Discard();
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
            var one = index < training.Count ? training[index] : validation[index - training.Count];
            progress?.Report(new RunProgress("preparing", index + 1, total, "cases", one.Id));
        }
    }

    /// <summary>A checkpoint that cannot be read, or is of another kind of model, shows before anything else is done.</summary>
    private static void RequireCheckpoint(Experiment experiment, string path)
    {
        if (!Path.Exists(path))
            throw new FileNotFoundException($"{path}: no such file; start.path expects a .pth or .safetensors file.", path);
        using var checkpoint = Checkpoint.Open(path);
        _ = checkpoint.Manifest; // Is refused here when it does not fit.
        if (ExperimentModel.WhyRefused(experiment, checkpoint) is { } reason)
            throw new InvalidDataException($"{path} cannot be start.path: {reason}");
    }

    private static void RequireFit(Experiment experiment, DatasetManifest manifest)
    {
        if (manifest.ClassNames.Count != experiment.Model.ClassCount)
            throw new InvalidDataException(
                $"{manifest.Root}: has {manifest.ClassNames.Count} classes ({string.Join(", ", manifest.ClassNames)}), but model.classCount is "
                + $"{experiment.Model.ClassCount}; set model.classCount={manifest.ClassNames.Count}, or leave it out.");
        if (manifest.ChannelNames.Count != experiment.Model.Backbone.InputChannels)
            throw new InvalidDataException(
                $"{manifest.Root}: has {manifest.ChannelNames.Count} channels ({string.Join(", ", manifest.ChannelNames)}), but "
                + $"model.backbone.inputChannels is {experiment.Model.Backbone.InputChannels}; set it to {manifest.ChannelNames.Count}.");
        if (ExperimentValidator.Contradictions(experiment).Select(found => ((string, string)?)found).FirstOrDefault() is (var key, var message))
            throw new InvalidDataException($"{manifest.Root}: {key} {message}");
    }

    private static (IReadOnlyList<DatasetCase> Training, IReadOnlyList<DatasetCase> Validation) FoldOf(Experiment experiment, DatasetManifest manifest) =>
        DataSplit.Of(manifest, experiment.Data.FoldCount, experiment.Seed).CasesOf(manifest, experiment.Data.Fold);
}
