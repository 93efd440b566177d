namespace SamMed3D.Transfer.Tests;

/// <summary>Disposes several things at the end of a test.</summary>
internal sealed class Owned(params IDisposable[] things) : IDisposable
{
    public void Dispose()
    {
        foreach (var thing in things)
            thing.Dispose();
    }
}
