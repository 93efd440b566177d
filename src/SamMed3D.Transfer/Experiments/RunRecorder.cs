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
    private const string KeptKey = "kept";

    private static readonly KeyMap ModelKeys = new()
    {
        Stripped = [StateFile.ModelPrefix],
        Ignored = [new IgnoredKeys(StateFile.OptimizerPrefix, "the optimizer"), new IgnoredKeys(StateFile.AveragePrefix, "the running average")],
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
        using var state = StateFile.Open(run);
        var standing = StateFile.Read(state);
        WeightLoader.Load(model, state, ModelKeys, new LoadPolicy());
        AdamWMoments.Restore(loop.Optimizer, model, state, StateFile.OptimizerPrefix);
        loop.Average?.Restore(state, StateFile.AveragePrefix);
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
            .. _model.state_dict().Select(entry => KeyValuePair.Create(StateFile.ModelPrefix + entry.Key, entry.Value)),
            .. AdamWMoments.Collect(_loop.Optimizer, _model).Select(entry => KeyValuePair.Create(StateFile.OptimizerPrefix + entry.Key, entry.Value)),
            .. (_loop.Average?.Values ?? []).Select(entry => KeyValuePair.Create(StateFile.AveragePrefix + entry.Key, entry.Value)),
        ]);
        StateFile.Save(_run, tensors, _loop.State, _manifest.ToMetadata(new Dictionary<string, string> { [KeptKey] = JsonSerializer.Serialize(_kept, RunFolder.Json) }));
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

    /// <summary>Weights that are kept beside the best.</summary>
    private sealed record KeptWeights(long Step, double Mean);
}
