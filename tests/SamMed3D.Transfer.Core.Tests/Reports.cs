namespace SamMed3D.Transfer.Tests;

/// <summary>Keeps every report, on the reporting thread (<see cref="Progress{T}"/> would post it to another).</summary>
/// <param name="heard">What else is done with each.</param>
internal sealed class Reports<T>(Action<T>? heard = null) : IProgress<T>
{
    public List<T> All { get; } = [];

    public void Report(T value)
    {
        All.Add(value);
        heard?.Invoke(value);
    }
}
