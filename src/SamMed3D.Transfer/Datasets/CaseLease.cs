namespace SamMed3D.Transfer;

/// <summary>A case in use: it stays as it is until this is disposed, whatever other threads ask for.</summary>
internal readonly struct CaseLease(IVoxelSource one, IDisposable lease) : IDisposable
{
    /// <summary>The case.</summary>
    public IVoxelSource Case => one;

    /// <inheritdoc/>
    public void Dispose() => lease.Dispose();
}
