namespace SamMed3D.Transfer;

/// <summary>One tapped feature grid.</summary>
/// <param name="Values">[N, C, X', Y', Z'].</param>
/// <param name="Tap">The block it came from.</param>
/// <param name="Channels">C.</param>
/// <param name="Stride">Voxels of the input per cell of the grid, along each axis.</param>
public sealed record FeatureMap(Tensor Values, FeatureTap Tap, int Channels, int Stride);

/// <summary>The feature grids that were asked for, in the order of the question. Disposing it disposes them.</summary>
public sealed class BackboneFeatures(IReadOnlyList<FeatureMap> maps) : IDisposable
{
    /// <summary>The feature maps.</summary>
    public IReadOnlyList<FeatureMap> Maps { get; } = maps;

    /// <summary>The values of one map: [N, C, X', Y', Z'].</summary>
    public Tensor this[int index] => Maps[index].Values;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var map in Maps)
            map.Values.Dispose();
    }
}
