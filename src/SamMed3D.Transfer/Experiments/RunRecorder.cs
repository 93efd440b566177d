using System.Globalization;
using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>
/// Writes what a training reports into its run folder: metrics.csv and TensorBoard's events by step, the best and the last weights, and the state to go on
/// from, which is kept at each validation and at least every <see cref="RunOptions.SaveMinutes"/>.
/// </summary>
internal sealed class RunRecorder<TScores> : IProgress<TrainingProgress<TScores>>, IDisposable
    where TScores : class, IValidationScores
{
    private const string ModelPrefix = "model.", OptimizerPrefix = "optimizer.", AveragePrefix = "average.", StateKey = "state", KeptKey = "kept";

    private static readonly KeyMap ModelKeys = new()
    {
        Stripped = [ModelPrefix], Ignored = [new IgnoredKeys(OptimizerPrefix, "the optimizer"), new IgnoredKeys(AveragePrefix, "the running average")],
    };

    private readonly RunFolder _run;
    private readonly nn.Module _model;
    private readonly TrainingLoop<TScores> _loop;
    private readonly CheckpointManifest _manifest;
    private readonly ScoreColumns<TScores> _columns;
    private readonly IProgress<RunProgress>? _progress;
    private readonly MetricsFile _metrics;
    private readonly EventFile _events;
    private List<KeptWeights> _kept = [];
    private TimeSpan _waited;
    private long _reportedAt = TimeProvider.System.GetTimestamp();
    private readonly long _beganAt = TimeProvider.System.GetTimestamp();
    private long _savedStep = -1, _toldStep, _savedAt = TimeProvider.System.GetTimestamp();

    private RunRecorder(
        RunFolder run, nn.Module model, TrainingLoop<TScores> loop, CheckpointManifest manifest, ScoreColumns<TScores> columns,
        IProgress<RunProgress>? progress, long completedSteps)
    {
        _run = run;
        _model = model;
        _loop = loop;
        _manifest = manifest;
        _columns = columns;
        _progress = progress;
        _metrics = MetricsFile.Begin(run.MetricsPath, columns.Names, completedSteps);
        _events = EventFile.Begin(run.TensorBoardPath, completedSteps);
    }

    /// <summary>What the model was started from; where that is a file and much of it stays as it is, the best weights are kept as a small file too.</summary>
    public LoadReport? Start { get; init; }

    /// <summary>How long the training has waited for its batches so far; null where nobody counts.</summary>
    public Func<TimeSpan>? DataWait { get; set; }

    /// <summary>The best validation, where it was seen by this process.</summary>
    public TScores? Best { get; private set; }

    /// <summary>Begins a run, or puts the state of a stopped one back into model and loop.</summary>
    /// <exception cref="InvalidDataException">There is no state to go on from, or it is another model's.</exception>
    public static RunRecorder<TScores> Open(
        RunFolder run, nn.Module model, TrainingLoop<TScores> loop, CheckpointManifest manifest, ScoreColumns<TScores> columns,
        LoadReport? start, IProgress<RunProgress>? progress, bool isResumed)
    {
        if (!isResumed)
            return new RunRecorder<TScores>(run, model, loop, manifest, columns, progress, 0) { Start = start };
        using var state = OpenState(run);
        var standing = StateOf(state);
        WeightLoader.Load(model, state, ModelKeys, new LoadPolicy());
        AdamWMoments.Restore(loop.Optimizer, model, state, OptimizerPrefix);
        loop.Average?.Restore(state, AveragePrefix);
        loop.State = standing;
        // A step whose validation is still to come has no row yet.
        long told = standing.Pending is null ? standing.Step : standing.Step - 1;
        return new RunRecorder<TScores>(run, model, loop, manifest, columns, progress, told)
        {
            Start = start,
            _savedStep = standing.Pending is null ? standing.Step : -1,
            _toldStep = standing.Step,
            _kept = state.Metadata.TryGetValue(KeptKey, out string? kept) ? JsonSerializer.Deserialize<List<KeptWeights>>(kept, RunFolder.Json)! : [],
        };
    }

    /// <summary>Finds out, before anything is prepared, whether a run can go on.</summary>
    /// <exception cref="InvalidDataException">It cannot; the message has the path and the reason.</exception>
    public static void RequireState(RunFolder run)
    {
        using var state = OpenState(run);
        StateOf(state);
        if (!state.Tensors.Any(tensor => tensor.Name.StartsWith(OptimizerPrefix, StringComparison.Ordinal)))
            throw new InvalidDataException($"{run.StatePath}: holds no optimizer state; it is not the state of a run.");
        // Here, where the most can still be done about it; states of earlier versions have none.
        if (state.Metadata.TryGetValue(StateChecksum.Key, out string? expected) && StateChecksum.Of(state, state.Metadata) != expected)
            throw Damaged(run, BrokenFile.Because(run.StatePath, "its checksum is wrong: bytes of it have changed since it was saved"));
    }

    public void Report(TrainingProgress<TScores> value)
    {
        _metrics.Write(value.Step, value.Loss, value.LearningRate, value.GradientNorm, value.Validation is { } validation ? _columns.Values(validation) : null);
        _events.Write(value.Step, Scalars(value));
        string detail = string.Create(CultureInfo.InvariantCulture, $"loss {value.Loss:0.000}, learning rate {value.LearningRate:0.0e+0}");
        if (value.Skipped is { } reason)
            detail = $"step {value.Step} was left out ({_loop.State.SkippedSteps} so far): {reason}";
        if (value.Validation is { } scores)
        {
            using (_loop.Average?.Applied())
                Keep(value, scores);
            SaveState();
            detail += $", {_columns.Line(scores)}{(value.IsBest ? " (best)" : "")}";
            if (DataWait is not null)
                detail += string.Create(CultureInfo.InvariantCulture,
                    $", waited for data {DataWait() / TimeProvider.System.GetElapsedTime(_beganAt):0.0%} of the time");
            if (_loop.IsStalled)
                detail += $"; {_loop.State.ValidationsSinceBest} validations in a row brought nothing better, the training ends here";
        }
        else if (TimeProvider.System.GetElapsedTime(_savedAt).TotalMinutes >= _run.Options.SaveMinutes)
        {
            SaveState();
        }

        _progress?.Report(new RunProgress(
            "training", value.Step, value.Steps, "steps", detail, IsNoteworthy: value.Validation is not null || value.Skipped is not null));
        _toldStep = value.Step;
    }

    /// <summary>Keeps the state after a failure to read data, where the last step was told to its end and there is room.</summary>
    /// <returns>Whether the state of the last step is on the disk.</returns>
    public bool TrySaveState()
    {
        if (_loop.CompletedSteps == 0 || (_loop.State.Pending is null && _toldStep != _loop.CompletedSteps))
            return false;
        try
        {
            SaveState();
            return true;
        }
        catch (IOException)
        {
            return false; // What failed first is what is told.
        }
    }

    /// <summary>Keeps the state and the last weights, unless they are kept already.</summary>
    public void SaveState()
    {
        if (_loop.CompletedSteps == _savedStep)
            return;
        // The rows up to the state are on the disk before it is.
        _metrics.Flush();
        using (_loop.Average?.Applied())
            SaveWeights(_run.LastPath);
        using var scope = NewDisposeScope();
        using var tensors = new MemoryWeights(
        [
            .. _model.state_dict().Select(entry => KeyValuePair.Create(ModelPrefix + entry.Key, entry.Value)),
            .. AdamWMoments.Collect(_loop.Optimizer, _model).Select(entry => KeyValuePair.Create(OptimizerPrefix + entry.Key, entry.Value)),
            .. (_loop.Average?.Values ?? []).Select(entry => KeyValuePair.Create(AveragePrefix + entry.Key, entry.Value)),
        ]);
        var texts = new Dictionary<string, string>(_manifest.ToMetadata(new Dictionary<string, string>
        {
            [StateKey] = JsonSerializer.Serialize(_loop.State, RunFolder.Json), [KeptKey] = JsonSerializer.Serialize(_kept, RunFolder.Json),
        }));
        texts[StateChecksum.Key] = StateChecksum.Of(tensors, texts);
        SafetensorsFile.Save(_run.StatePath, tensors, texts);
        _savedStep = _loop.CompletedSteps;
        _savedAt = TimeProvider.System.GetTimestamp();
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _events.Dispose();
    }

    /// <summary>A step for TensorBoard. Rate and data wait are of the time since the step before.</summary>
    private IEnumerable<(string Tag, double Value)> Scalars(TrainingProgress<TScores> value)
    {
        double seconds = TimeProvider.System.GetElapsedTime(_reportedAt).TotalSeconds;
        _reportedAt = TimeProvider.System.GetTimestamp();
        var waited = DataWait?.Invoke() ?? _waited;
        double wait = (waited - _waited).TotalSeconds;
        _waited = waited;
        return
        [
            ("training/loss", value.Loss), ("training/learningRate", value.LearningRate), ("training/gradientNorm", value.GradientNorm),
            ("time/stepsPerSecond", 1 / seconds), ("time/dataWait", wait / seconds),
            .. value.Validation is { } scores ? _columns.Names.Zip(_columns.Values(scores), (name, score) => ($"validation/{name}", score)) : [],
        ];
    }

    private void Keep(TrainingProgress<TScores> at, TScores scores)
    {
        if (at.IsBest)
        {
            Best = scores;
            SaveWeights(_run.BestPath);
            if (Start is not null && AdapterCheckpoint.WhyNot(_model, Start) is null)
                AdapterCheckpoint.Save(_run.AdapterPath, _model, Start, _manifest, Texts());
        }

        if (_run.Options.KeepBest < 2)
            return;
        var now = new KeptWeights(at.Step, scores.Mean);
        _kept = [.. _kept.Append(now).OrderByDescending(one => one.Mean).ThenBy(one => one.Step)];
        if (_kept.Take(_run.Options.KeepBest).Contains(now))
            SaveWeights(_run.StepPath(now.Step));
        foreach (var worse in _kept.Skip(_run.Options.KeepBest))
            File.Delete(_run.StepPath(worse.Step));
        _kept = [.. _kept.Take(_run.Options.KeepBest)];
    }

    private void SaveWeights(string path) => SafetensorsFile.Save(path, _model.state_dict(), _manifest.ToMetadata(Texts()));

    private Dictionary<string, string> Texts() => new()
    {
        ["experiment"] = RunFolder.ToYaml(_run.Options),
        ["step"] = _loop.CompletedSteps.ToString(CultureInfo.InvariantCulture),
    };

    private static SafetensorsFile OpenState(RunFolder run)
    {
        if (!File.Exists(run.StatePath))
            throw new InvalidDataException($"{run.Path}: has no {Path.GetFileName(run.StatePath)} to go on from; the run was stopped before it saved one. "
                + "Delete the folder and train anew (saveMinutes says how often the state is saved).");
        try
        {
            return SafetensorsFile.Open(run.StatePath);
        }
        catch (InvalidDataException damage)
        {
            throw Damaged(run, damage);
        }
    }

    /// <summary>It was whole when it was put in place: something else damaged it, and of the optimizer there is no other copy.</summary>
    private static InvalidDataException Damaged(RunFolder run, InvalidDataException damage) => new(
        $"{damage.Message.TrimEnd('.')}; put a copy of it back, or begin a run from the last weights: start: {{kind: checkpoint, path: {run.LastPath}}}.", damage);

    private static TrainingState StateOf(SafetensorsFile file)
    {
        try
        {
            if (file.Metadata.TryGetValue(StateKey, out string? text) && JsonSerializer.Deserialize<TrainingState>(text, RunFolder.Json) is { Step: >= 0 } state)
                return state;
        }
        catch (JsonException)
        {
        }

        throw new InvalidDataException($"{file.Origin}: does not say after which step it was saved; it is not the state of a run of this version.");
    }

    /// <summary>Weights that are kept beside the best.</summary>
    private sealed record KeptWeights(long Step, double Mean);
}
