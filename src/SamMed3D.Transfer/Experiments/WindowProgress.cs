namespace SamMed3D.Transfer;

/// <summary>Reports windows as a part of their case.</summary>
/// <param name="progress">Who is told.</param>
/// <param name="stage">What is being done.</param>
/// <param name="done">Cases done.</param>
/// <param name="total">Cases altogether.</param>
/// <param name="name">The case's name.</param>
internal sealed class WindowProgress(IProgress<RunProgress> progress, string stage, int done, int total, string name) : IProgress<SlidingWindowProgress>
{
    public void Report(SlidingWindowProgress value) => progress.Report(
        new RunProgress(stage, done, total, "cases", $"{name}: window {value.Done} of {value.Total}") { Part = (double)value.Done / value.Total });
}
