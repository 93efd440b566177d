using System.Globalization;
using System.Text;

namespace SamMed3D.Transfer;

/// <summary>Writes what the training of a promptable model reports: metrics.csv, the best and the last weights, and the state to go on from.</summary>
internal sealed class PromptableRecorder : IProgress<PromptableProgress>, IDisposable
{
    private const string ModelPrefix = "model.", OptimizerPrefix = "optimizer.", StepKey = "step", BestKey = "bestMeanDice";

    private readonly RunFolder _run;
    private readonly PromptableModel _model;
    private readonly PromptableTrainer _trainer;
    private readonly CheckpointManifest _manifest;
    private readonly IProgress<RunProgress>? _progress;
    private readonly StreamWriter _metrics;
    private double _bestMean = double.NegativeInfinity;
    private long _savedStep = -1;

    private PromptableRecorder(
        RunFolder run, PromptableModel model, PromptableTrainer trainer, CheckpointManifest manifest, IProgress<RunProgress>? progress, IEnumerable<string> rows)
    {
        _run = run;
        _model = model;
        _trainer = trainer;
        _manifest = manifest;
        _progress = progress;
        _metrics = new StreamWriter(run.MetricsPath, append: false, new UTF8Encoding(false)) { AutoFlush = true };
        _metrics.WriteLine(string.Join(',', ["step", "loss", "learningRate", "gradientNorm", .. ClickScores.PublishedClicks.Select(count => $"diceAfter{count}")]));
        foreach (string row in rows)
            _metrics.WriteLine(row);
    }

    /// <summary>The best validation of this process; null before the first.</summary>
    public ClickScores? Best { get; private set; }

    /// <summary>Begins a run, or puts the state of a stopped one back.</summary>
    /// <exception cref="InvalidDataException">There is no state, or it is another model's.</exception>
    public static PromptableRecorder Open(
        RunFolder run, PromptableModel model, PromptableTrainer trainer, CheckpointManifest manifest, IProgress<RunProgress>? progress, bool isResumed)
    {
        if (!isResumed)
            return new PromptableRecorder(run, model, trainer, manifest, progress, []);
        using var state = OpenState(run);
        WeightLoader.Load(model, state, ModelKeys, new LoadPolicy());
        AdamWMoments.Restore(trainer.Optimizer, model, state, OptimizerPrefix);
        long step = StepOf(state);
        trainer.CompletedSteps = step;
        var rows = File.Exists(run.MetricsPath) ? File.ReadLines(run.MetricsPath).Skip(1).Where(row => StepOf(row) <= step).ToList() : [];
        var recorder = new PromptableRecorder(run, model, trainer, manifest, progress, rows) { _savedStep = step };
        if (state.Metadata.TryGetValue(BestKey, out string? best))
            recorder._bestMean = double.Parse(best, CultureInfo.InvariantCulture);
        return recorder;
    }

    /// <summary>Finds out, before anything is prepared, whether a run can go on.</summary>
    /// <exception cref="InvalidDataException">It cannot; the message has the path and the reason.</exception>
    public static void RequireState(RunFolder run)
    {
        using var state = OpenState(run);
        StepOf(state);
        if (!state.Tensors.Any(tensor => tensor.Name.StartsWith(OptimizerPrefix, StringComparison.Ordinal)))
            throw new InvalidDataException($"{run.StatePath}: holds no optimizer state; it is not the state of a run.");
    }

    public void Report(PromptableProgress value)
    {
        _metrics.WriteLine(string.Join(',', new[] { value.Step, value.Loss, value.LearningRate, value.GradientNorm }.Select(Number)
            .Concat(value.Validation?.Means.Select(Number) ?? ClickScores.PublishedClicks.Select(_ => ""))));
        string detail = string.Create(CultureInfo.InvariantCulture, $"loss {value.Loss:0.000}, learning rate {value.LearningRate:0.0e+0}");
        if (value.Validation is { } scores)
        {
            bool isBest = scores.Mean > _bestMean || Best is null && double.IsNegativeInfinity(_bestMean);
            if (isBest)
            {
                _bestMean = scores.Mean;
                SaveWeights(_run.BestPath, value.Step);
            }

            if (isBest || Best is null)
                Best = scores;
            SaveState();
            detail += string.Create(CultureInfo.InvariantCulture,
                $", Dice after {string.Join(", ", scores.Clicks)} clicks {string.Join(" ", scores.Means.Select(mean => mean.ToString("0.000", CultureInfo.InvariantCulture)))}{(isBest ? " (best)" : "")}");
        }

        _progress?.Report(new RunProgress("training", value.Step, value.Steps, "steps", detail, IsNoteworthy: value.Validation is not null));
    }

    /// <summary>Keeps the state and the last weights, unless they are kept already.</summary>
    public void SaveState()
    {
        _metrics.Flush();
        if (_trainer.CompletedSteps == _savedStep)
            return;
        SaveWeights(_run.LastPath, _trainer.CompletedSteps);
        using var scope = NewDisposeScope();
        SafetensorsFile.Save(
            _run.StatePath,
            [
                .. _model.state_dict().Select(entry => KeyValuePair.Create(ModelPrefix + entry.Key, entry.Value)),
                .. AdamWMoments.Collect(_trainer.Optimizer, _model).Select(entry => KeyValuePair.Create(OptimizerPrefix + entry.Key, entry.Value)),
            ],
            _manifest.ToMetadata(new Dictionary<string, string>
            {
                [StepKey] = $"{_trainer.CompletedSteps}", [BestKey] = _bestMean.ToString("R", CultureInfo.InvariantCulture),
            }));
        _savedStep = _trainer.CompletedSteps;
    }

    public void Dispose() => _metrics.Dispose();

    private static KeyMap ModelKeys { get; } = new() { Stripped = [ModelPrefix], Ignored = [new IgnoredKeys(OptimizerPrefix, "the optimizer")] };

    private void SaveWeights(string path, long step) => SafetensorsFile.Save(path, _model.state_dict(), _manifest.ToMetadata(new Dictionary<string, string>
    {
        ["experiment"] = PromptableExperimentFile.ToYaml(_run.Promptable),
        [StepKey] = step.ToString(CultureInfo.InvariantCulture),
    }));

    private static SafetensorsFile OpenState(RunFolder run) => File.Exists(run.StatePath)
        ? SafetensorsFile.Open(run.StatePath)
        : throw new InvalidDataException($"{run.Path}: has no {Path.GetFileName(run.StatePath)} to go on from; the run was stopped before it saved one.");

    private static long StepOf(SafetensorsFile state) =>
        state.Metadata.TryGetValue(StepKey, out string? text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long step)
            ? step
            : throw new InvalidDataException($"{state.Origin}: does not say after which step it was saved.");

    private static long StepOf(string row) =>
        long.TryParse(row.Split(',')[0], NumberStyles.None, CultureInfo.InvariantCulture, out long step) ? step : long.MaxValue;

    private static string Number(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
