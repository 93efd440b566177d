using System.Globalization;
using Spectre.Console;

namespace SamMed3D.Transfer.Cli;

/// <summary>Shows progress: a bar with rate and time left on a terminal, a line now and then elsewhere.</summary>
internal sealed class ConsoleProgress : IProgress<RunProgress>
{
    /// <summary>Between two lines where there is no terminal.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private const int BarWidth = 24;

    private readonly Terminal _terminal;
    private readonly TimeProvider _time;
    private readonly ProgressContext? _bars;
    private ProgressTask? _bar;
    private ProgressRate _rate;
    private string _stage = "";
    private long _lastLine;

    private ConsoleProgress(Terminal terminal, TimeProvider time, ProgressContext? bars)
    {
        _terminal = terminal;
        _time = time;
        _bars = bars;
        _rate = new ProgressRate(time);
    }

    /// <summary>Runs work on this thread and shows the progress it reports.</summary>
    public static T Run<T>(Terminal terminal, Func<IProgress<RunProgress>, T> work, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        if (terminal.ProgressScreen is not { } screen)
            return work(new ConsoleProgress(terminal, time, null));
        T? result = default;
        screen.Progress()
            .Columns(new SpinnerColumn(), new ProgressBarColumn { Width = BarWidth }, new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(bars => result = work(new ConsoleProgress(terminal, time, bars)));
        return result!;
    }

    /// <inheritdoc/>
    public void Report(RunProgress value)
    {
        bool isNew = value.Stage != _stage;
        if (isNew)
        {
            _stage = value.Stage;
            _rate = new ProgressRate(_time);
        }

        _rate.Add(value.Done + value.Part);
        if (_bars is null)
            WriteLine(value, isNew);
        else
            MoveBar(value, isNew);
    }

    private void MoveBar(RunProgress value, bool isNew)
    {
        if (isNew)
        {
            _bar?.StopTask();
            _bar = _bars!.AddTask(Markup.Escape(value.Stage), maxValue: Math.Max(1, value.Total));
        }

        _bar!.Value = value.Done + value.Part;
        // One line is all the room there is; a table is written above.
        _bar.Description = Markup.Escape(Text(value with { Detail = value.Detail.Split('\n', 2)[0] }));
        if (value.IsNoteworthy)
            _terminal.ProgressScreen!.MarkupLine(Markup.Escape($"{Position(value)}, {value.Detail}"));
    }

    private void WriteLine(RunProgress value, bool isNew)
    {
        bool isDue = isNew || value.IsNoteworthy || value.Done >= value.Total || _time.GetElapsedTime(_lastLine) >= Interval;
        if (!isDue)
            return;
        _lastLine = _time.GetTimestamp();
        string percent = value.Total > 0 ? string.Create(CultureInfo.InvariantCulture, $" ({100 * (value.Done + value.Part) / value.Total:0}%)") : "";
        _terminal.Error.WriteLine($"{Position(value)}{percent}{Rest(value)}");
    }

    private static string Position(RunProgress value) => $"{value.Stage} {value.Done}/{value.Total} {value.Unit}";

    private string Text(RunProgress value) => Position(value) + Rest(value);

    private string Rest(RunProgress value) => string.Concat(
        new[] { value.Detail, value.Done < value.Total ? _rate.Describe(value.Total, value.Unit) : "" }
            .Where(part => part.Length > 0).Select(part => $", {part}"));
}
