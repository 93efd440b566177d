namespace SamMed3D.Transfer;

/// <summary>Reports windows as a part of their case.</summary>
internal sealed class WindowProgress : IProgress<SlidingWindowProgress>
{
    private readonly IProgress<RunProgress> _progress;
    private readonly RunProgress _case;

    private WindowProgress(IProgress<RunProgress> progress, RunProgress ofCase)
    {
        _progress = progress;
        _case = ofCase;
    }

    /// <param name="progress">Who is told; null for nobody.</param>
    /// <param name="stage">What is being done.</param>
    /// <param name="done">Cases done.</param>
    /// <param name="total">Cases altogether.</param>
    /// <param name="name">The case's name.</param>
    /// <returns>Null where nobody is told.</returns>
    public static WindowProgress? Of(IProgress<RunProgress>? progress, string stage, int done, int total, string name) =>
        progress is null ? null : new WindowProgress(progress, new RunProgress(stage, done, total, "cases", name));

    public void Report(SlidingWindowProgress value) =>
        _progress.Report(_case with { Detail = $"{_case.Detail}: window {value.Done} of {value.Total}", Part = (double)value.Done / value.Total });
}
