namespace SamMed3D.Transfer;

/// <summary>Clicks for a batch of volumes, equally many in each. Disposing it disposes both tensors.</summary>
/// <param name="Points">[N, P, 3], voxels along X, Y, Z.</param>
/// <param name="Labels">[N, P]: 1 foreground, 0 background.</param>
public sealed record ClickBatch(Tensor Points, Tensor Labels) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Points.Dispose();
        Labels.Dispose();
    }
}
