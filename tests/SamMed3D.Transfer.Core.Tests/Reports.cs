namespace SamMed3D.Transfer.Tests;

/// <summary>Keeps every report, on the reporting thread (<see cref="Progress{T}"/> would post it to another).</summary>
internal sealed class Reports<T> : IProgress<T>
{
    public List<T> All { get; } = [];

    public void Report(T value) => All.Add(value);
}
