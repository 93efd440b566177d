using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>What all runners hold against the data set and the checkpoint before anything is made.</summary>
internal static class RunStart
{
    /// <summary>A checkpoint that cannot be read, or is of another kind of model, shows before anything else is done.</summary>
    /// <param name="start">The start; nothing happens where it has no file.</param>
    /// <param name="encoder">The encoder that it starts; null where the network has none.</param>
    /// <param name="whyRefused">Why the checkpoint cannot start the model, told from its table of contents.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or refused; the message has the path and the reason.</exception>
    public static void RequireCheckpoint(StartOptions start, BackboneOptions? encoder, Func<Checkpoint, string?> whyRefused)
    {
        if (start.Source is not { } path)
            return;
        if (!Path.Exists(path))
            throw new FileNotFoundException($"{path}: no such file; start.path expects a .pth or .safetensors file.", path);
        using var checkpoint = Checkpoint.Open(path);
        // The manifest is refused here when it does not fit.
        if ((WhyPartial(checkpoint, checkpoint.Manifest?.Base, encoder) ?? whyRefused(checkpoint)) is { } reason)
            throw new InvalidDataException($"{path} cannot be start.path: {reason}");
    }

    /// <summary>Why a file has less than the model that it was trained as, or would lose some of it unnoticed.</summary>
    private static string? WhyPartial(Checkpoint checkpoint, SourceFile? basis, BackboneOptions? encoder) =>
        basis is not null
            ? $"it is only what learned on top of {basis.Name}; make it whole first: 'sammed3d convert {checkpoint.Origin} whole.safetensors --base {basis.Name}'"
        : encoder is EncoderOptions { Adapter: not LoraOptions } && checkpoint.Tensors.Any(info => info.Name.EndsWith(".lora_b", StringComparison.Ordinal))
            ? "it has LoRA, which this model has no place for and would lose; merge it first: "
                + $"'sammed3d convert {checkpoint.Origin} merged.safetensors --merge', or go on with start.kind lora"
        : null;

    /// <summary>The network takes as many channels as the images have.</summary>
    /// <param name="manifest">The data set.</param>
    /// <param name="channels">Of the network.</param>
    /// <param name="key">Where the experiment says so.</param>
    /// <exception cref="InvalidDataException">It does not.</exception>
    public static void RequireChannels(DatasetManifest manifest, int channels, string key)
    {
        if (manifest.ChannelNames.Count != channels)
            throw new InvalidDataException(
                $"{manifest.Root}: has {manifest.ChannelNames.Count} channels ({string.Join(", ", manifest.ChannelNames)}), but {key} is "
                + $"{channels}; set it to {manifest.ChannelNames.Count}.");
    }

    /// <summary>What fails before a run has learnt anything leaves no folder behind.</summary>
    public static T OrDiscard<T>(RunFolder run, bool isResumed, Func<T> work)
    {
        try
        {
            return work();
        }
        catch
        {
            if (!isResumed && !run.HasLearnt)
                run.Discard();
            throw;
        }
    }

    /// <summary>Writes down and reports what was loaded; nothing where nothing was.</summary>
    public static void TellLoaded(RunFolder run, LoadReport? report, IProgress<RunProgress>? progress)
    {
        if (report is null)
            return;
        RunFolder.Write(run.LoadReportPath, report);
        progress?.Report(new RunProgress("loading", 1, 1, "checkpoints", report.Summary, IsNoteworthy: true));
    }

    /// <summary>A run that goes on starts from the very file that it began with: what is frozen comes from it, and what is kept beside it names it.</summary>
    /// <exception cref="InvalidDataException">The file is another one by now, or the folder does not tell.</exception>
    public static void RequireSameFile(RunFolder run, LoadReport? report)
    {
        if (report is null || !File.Exists(run.LoadReportPath))
            return;
        string? before;
        try
        {
            using var written = JsonDocument.Parse(File.ReadAllBytes(run.LoadReportPath));
            before = written.RootElement.TryGetProperty("sha256", out var hash) ? hash.GetString() : null;
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"{run.LoadReportPath}: not the load report of a run: {problem.Message}", problem);
        }

        if (before is not null && before != report.Sha256)
            throw new InvalidDataException($"{report.Origin}: not the file that {run.Path} began with; expected SHA-256 {before}, got {report.Sha256}; put it back, or train anew.");
    }

    /// <summary>Writes down and reports what of the model learns.</summary>
    public static void TellLearning(RunFolder run, ParameterTable table, IProgress<RunProgress>? progress)
    {
        RunFolder.Write(run.ParametersPath, table);
        progress?.Report(new RunProgress("learning", 1, 1, "models", $"what learns:\n{table}", IsNoteworthy: true));
    }

    /// <summary>Trains to the end or a stop, keeps the state, and gives the scores of the best weights.</summary>
    /// <exception cref="RunStoppedException">Stopped; the state is saved.</exception>
    /// <exception cref="InvalidDataException">Data cannot be read any more; the state is saved, and the message says how to go on.</exception>
    /// <exception cref="IOException">The disk is full, or a file cannot be read; so does that message.</exception>
    public static TScores Finish<TScores>(
        RunFolder run, nn.Module model, TrainingLoop<TScores> loop, RunRecorder<TScores> recorder, IBatchSource batches, Func<long, TScores> validate,
        long steps, CancellationToken stop)
        where TScores : class, IValidationScores
    {
        if (batches is PrefetchedBatches ahead)
            recorder.DataWait = () => ahead.WaitTime;
        bool isDone;
        try
        {
            isDone = loop.Run(batches, recorder, validate, stop);
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            bool isKept = recorder.TrySaveState();
            if (!isKept && !File.Exists(run.StatePath))
                throw;
            string message = $"{error.Message.TrimEnd('.')}; {(isKept ? $"the state after step {loop.CompletedSteps} is kept" : "the state that was saved last is whole")}: "
                + $"mend this and go on with --resume {run.Path}.";
            throw error is IOException and not FileNotFoundException ? new IOException(message, error) : new InvalidDataException(message, error);
        }

        recorder.SaveState();
        if (!isDone)
            throw new RunStoppedException(run, loop.CompletedSteps, steps, stop);
        var best = recorder.Best ?? Again();
        run.Finish(TimeProvider.System.GetLocalNow());
        return best;

        // The best validation was another process's: its weights tell it again.
        TScores Again()
        {
            using var checkpoint = Checkpoint.Open(run.BestPath);
            WeightLoader.Load(model, checkpoint);
            using var mode = new EvaluationMode(model);
            using var scope = NewDisposeScope();
            return validate(loop.CompletedSteps);
        }
    }
}
