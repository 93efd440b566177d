using System.Globalization;

namespace SamMed3D.Transfer.Cli;

/// <summary>Units per second over the last minute, and the time left at that rate.</summary>
internal sealed class ProgressRate(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Queue<(long Timestamp, double Done)> _samples = new();
    private (long Timestamp, double Done) _newest;

    public void Add(double done)
    {
        _newest = (time.GetTimestamp(), done);
        _samples.Enqueue(_newest);
        while (_samples.Count > 2 && time.GetElapsedTime(_samples.Peek().Timestamp, _newest.Timestamp) > Window)
            _samples.Dequeue();
    }

    /// <summary>Units per second; null before two reports.</summary>
    public double? PerSecond
    {
        get
        {
            if (_samples.Count < 2)
                return null;
            var oldest = _samples.Peek();
            double seconds = time.GetElapsedTime(oldest.Timestamp, _newest.Timestamp).TotalSeconds;
            return seconds > 0 && _newest.Done > oldest.Done ? (_newest.Done - oldest.Done) / seconds : null;
        }
    }

    /// <summary>Such as "2.5 steps/s, 3m 20s left", or "12 s a step, …" for slow work; empty while unknown.</summary>
    public string Describe(long total, string unit)
    {
        if (PerSecond is not { } rate)
            return "";
        string speed = rate >= 0.5 ? $"{rate:0.0} {unit}/s" : $"{1 / rate:0.0} s each";
        return string.Create(CultureInfo.InvariantCulture, $"{speed}, {Duration(TimeSpan.FromSeconds((total - _newest.Done) / rate))} left");
    }

    private static string Duration(TimeSpan time) => time switch
    {
        { TotalHours: >= 1 } => $"{(int)time.TotalHours}h {time.Minutes:00}m",
        { TotalMinutes: >= 1 } => $"{time.Minutes}m {time.Seconds:00}s",
        _ => $"{time.Seconds}s",
    };
}
