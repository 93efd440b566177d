using System.Globalization;
using System.Text;

namespace SamMed3D.Transfer;

/// <summary>metrics.csv: a row for each step, with scores where the step had a validation. A row is written in one go, so that a crash leaves whole rows.</summary>
internal sealed class MetricsFile : IDisposable
{
    private static readonly string[] Own = ["step", "loss", "learningRate", "gradientNorm"];

    private readonly FileStream _stream;
    private readonly int _scores;

    private MetricsFile(FileStream stream, int scores)
    {
        _stream = stream;
        _scores = scores;
    }

    /// <summary>Begins the file, with what an earlier one of a run that goes on has up to its step.</summary>
    /// <param name="path">The file.</param>
    /// <param name="scores">The columns of scores.</param>
    /// <param name="completedSteps">Steps done; 0 for a new run.</param>
    public static MetricsFile Begin(string path, IReadOnlyCollection<string> scores, long completedSteps)
    {
        string header = string.Join(',', Own.Concat(scores.Select(CsvText.Cell)));
        string[] kept = completedSteps > 0 && File.Exists(path)
            ? [.. File.ReadLines(path).Skip(1).Where(row => StepOf(row, Own.Length + scores.Count) <= completedSteps)] : [];
        AtomicFile.WriteText(path, string.Concat(kept.Prepend(header).Select(row => row + "\n")));
        return new MetricsFile(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0), scores.Count);
    }

    /// <summary>The steps that had a validation, each with its first score.</summary>
    public static IEnumerable<CurvePoint> Curve(string path) => File.ReadLines(path).Skip(1).Select(row => row.Split(','))
        .Where(cells => cells[Own.Length].Length > 0)
        .Select(cells => new CurvePoint(long.Parse(cells[0], CultureInfo.InvariantCulture), double.Parse(cells[Own.Length], CultureInfo.InvariantCulture)));

    /// <summary>Writes the row of a step.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="loss">Its loss.</param>
    /// <param name="learningRate">Its rate.</param>
    /// <param name="gradientNorm">The norm of its gradients.</param>
    /// <param name="scores">Those of its validation; null where it had none.</param>
    public void Write(long step, double loss, double learningRate, double gradientNorm, IEnumerable<double>? scores)
    {
        string row = string.Join(',', new[] { step, loss, learningRate, gradientNorm }.Select(Number)
            .Concat(scores?.Select(Number) ?? Enumerable.Repeat("", _scores)));
        FullDisk.Named(_stream.Name, () => _stream.Write(Encoding.UTF8.GetBytes($"{row}\n")));
    }

    /// <summary>Puts the rows on the disk.</summary>
    public void Flush() => FullDisk.Named(_stream.Name, () => _stream.Flush(flushToDisk: true));

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    /// <summary>The step of a row; endless for one that a full disk or a power cut tore.</summary>
    private static long StepOf(string row, int columns) =>
        row.Split(',') is var cells && cells.Length == columns && long.TryParse(cells[0], NumberStyles.None, CultureInfo.InvariantCulture, out long step)
            ? step : long.MaxValue;

    private static string Number(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
