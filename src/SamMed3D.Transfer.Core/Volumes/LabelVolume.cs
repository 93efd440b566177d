namespace SamMed3D.Transfer;

/// <summary>A class for every voxel (0 is background), with its place in the world. It owns its tensor.</summary>
public sealed class LabelVolume : IDisposable
{
    /// <summary>Wraps a tensor and takes ownership of it (it leaves any dispose scope).</summary>
    /// <param name="values">[X, Y, Z], int32, contiguous, on the CPU.</param>
    /// <param name="geometry">The grid; its size is X, Y, Z.</param>
    /// <exception cref="ArgumentException">The tensor has another shape, type, layout or device.</exception>
    public LabelVolume(Tensor values, Geometry geometry)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        VoxelMemory.Require(values, ScalarType.Int32, geometry.Size, hasChannels: false);
        Values = values.DetachFromDisposeScope();
        Geometry = geometry;
    }

    /// <summary>[X, Y, Z], int32, contiguous, on the CPU.</summary>
    public Tensor Values { get; }

    /// <summary>The grid.</summary>
    public Geometry Geometry { get; }

    /// <summary>The voxels, Z fastest; valid as long as the volume is.</summary>
    public Span<int> Voxels() => VoxelMemory.Of<int>(Values, 0, Geometry.Size.Count);

    /// <summary>Frees the tensor.</summary>
    public void Dispose() => Values.Dispose();
}
