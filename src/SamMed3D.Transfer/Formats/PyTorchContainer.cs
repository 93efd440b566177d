namespace SamMed3D.Transfer;

/// <summary>Where torch.save put the pickle and the storages it refers to.</summary>
internal abstract class PyTorchContainer : IDisposable
{
    /// <summary>A name for people.</summary>
    public abstract string Description { get; }

    /// <summary>The pickled object.</summary>
    public object? Root { get; protected set; }

    /// <summary>Reads a tensor in C order; the caller owns it.</summary>
    /// <exception cref="InvalidDataException">Its data is damaged.</exception>
    public Tensor Read(PickledTensor tensor)
    {
        long extent = tensor.Extent;
        using var run = extent == 0 ? empty([0], dtype: tensor.Storage.Type, device: CPU) : ReadRun(tensor.Storage, tensor.Offset, extent);
        if (tensor.IsContiguous || extent == 0)
            return run.reshape(tensor.Shape);
        using var view = run.as_strided(tensor.Shape, tensor.Strides);
        return view.contiguous();
    }

    /// <summary>Bytes that reading a tensor inflates and may throw away; 0 where the data is stored as it is.</summary>
    public virtual long InflatedBytes(PickledTensor tensor) => 0;

    public abstract void Dispose();

    /// <summary>Elements of a storage as a one-dimensional tensor; the caller owns it.</summary>
    protected abstract Tensor ReadRun(PickledStorage storage, long offset, long count);
}
