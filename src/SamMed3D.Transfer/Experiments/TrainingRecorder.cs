using System.Globalization;
using System.Text;

namespace SamMed3D.Transfer;

/// <summary>Writes what a training reports into its run folder: metrics.csv by step, the best and the last weights.</summary>
internal sealed class TrainingRecorder : IProgress<TrainingProgress>, IDisposable
{
    private readonly RunFolder _run;
    private readonly Unetr _model;
    private readonly CheckpointManifest _manifest;
    private readonly IProgress<RunProgress>? _progress;
    private readonly StreamWriter _metrics;

    public TrainingRecorder(
        RunFolder run, Unetr model, CheckpointManifest manifest, IReadOnlyList<string> foregroundNames, IProgress<RunProgress>? progress)
    {
        _run = run;
        _model = model;
        _manifest = manifest;
        _progress = progress;
        _metrics = new StreamWriter(run.MetricsPath, append: false, new UTF8Encoding(false)) { AutoFlush = true };
        _metrics.WriteLine(string.Join(',', ["step", "loss", "learningRate", "gradientNorm", "meanDice", .. foregroundNames.Select(Quoted)]));
    }

    /// <summary>What the model was started from; where that is a file and much of it stays as it is, the best weights are kept as a small file too.</summary>
    public LoadReport? Start { get; init; }

    /// <summary>The best validation so far.</summary>
    public SegmentationScores? Best { get; private set; }

    /// <summary>The last report.</summary>
    public TrainingProgress? Last { get; private set; }

    public void Report(TrainingProgress value)
    {
        Last = value;
        _metrics.WriteLine(string.Join(',', Row(value)));
        string detail = string.Create(CultureInfo.InvariantCulture, $"loss {value.Loss:0.000}, learning rate {value.LearningRate:0.0e+0}");
        if (value.Validation is { } scores)
        {
            _metrics.Flush();
            bool isBest = Best is null || !(scores.MeanDice <= Best.MeanDice);
            if (isBest)
            {
                Best = scores;
                SaveWeights(_run.BestPath, value);
                if (Start is not null && AdapterCheckpoint.WhyNot(_model, Start) is null)
                    AdapterCheckpoint.Save(_run.AdapterPath, _model, Start, _manifest, Texts(value));
            }

            SaveWeights(_run.LastPath, value);
            detail += string.Create(CultureInfo.InvariantCulture, $", validation Dice {scores.MeanDice:0.000}{(isBest ? " (best)" : "")}");
        }

        _progress?.Report(new RunProgress("training", value.Step, value.Steps, "steps", detail, IsNoteworthy: value.Validation is not null));
    }

    /// <summary>Keeps what there is when a run is stopped between two validations.</summary>
    public void SaveLast()
    {
        if (Last is { Validation: null })
            SaveWeights(_run.LastPath, Last);
    }

    public void Dispose() => _metrics.Dispose();

    private void SaveWeights(string path, TrainingProgress at) => SafetensorsFile.Save(path, _model.state_dict(), _manifest.ToMetadata(Texts(at)));

    private Dictionary<string, string> Texts(TrainingProgress at) => new()
    {
        ["experiment"] = ExperimentFile.ToYaml(_run.Experiment),
        ["step"] = at.Step.ToString(CultureInfo.InvariantCulture),
    };

    private static IEnumerable<string> Row(TrainingProgress value)
    {
        yield return value.Step.ToString(CultureInfo.InvariantCulture);
        yield return Number(value.Loss);
        yield return Number(value.LearningRate);
        yield return Number(value.GradientNorm);
        yield return value.Validation is { } scores ? Number(scores.MeanDice) : "";
        foreach (double mean in value.Validation?.ClassMeans ?? [])
            yield return Number(mean);
    }

    private static string Number(double value) => value.ToString("G6", CultureInfo.InvariantCulture);

    private static string Quoted(string text) => text.AsSpan().ContainsAny(',', '"') ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
