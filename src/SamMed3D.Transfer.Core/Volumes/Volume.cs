namespace SamMed3D.Transfer;

/// <summary>An image with its place in the world. It owns its tensor.</summary>
public sealed class Volume : IDisposable
{
    /// <summary>Wraps a tensor and takes ownership of it (it leaves any dispose scope).</summary>
    /// <param name="values">[C, X, Y, Z], float32, contiguous, on the CPU.</param>
    /// <param name="geometry">The grid; its size is X, Y, Z.</param>
    /// <exception cref="ArgumentException">The tensor has another shape, type, layout or device.</exception>
    public Volume(Tensor values, Geometry geometry)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        VoxelMemory.Require(values, ScalarType.Float32, geometry.Size, hasChannels: true);
        Values = values.DetachFromDisposeScope();
        Geometry = geometry;
    }

    /// <summary>[C, X, Y, Z], float32, contiguous, on the CPU.</summary>
    public Tensor Values { get; }

    /// <summary>The grid.</summary>
    public Geometry Geometry { get; }

    /// <summary>Number of images on the grid, such as the sequences of an MR examination.</summary>
    public int Channels => (int)Values.shape[0];

    /// <summary>The voxels of one channel, Z fastest; valid as long as the volume is.</summary>
    public Span<float> Voxels(int channel = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(channel);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(channel, Channels);
        return VoxelMemory.Of<float>(Values, channel * Geometry.Size.Count, Geometry.Size.Count);
    }

    /// <summary>Frees the tensor.</summary>
    public void Dispose() => Values.Dispose();
}
