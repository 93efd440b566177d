namespace SamMed3D.Transfer;

/// <summary>Where torch.save put the pickle and the storages it refers to.</summary>
internal abstract class PyTorchContainer : IDisposable
{
    /// <summary>A name for people.</summary>
    public abstract string Description { get; }

    /// <summary>The pickled object.</summary>
    public object? Root { get; protected set; }

    /// <summary>Byte order of the storages.</summary>
    public bool IsBigEndian { get; protected set; }

    /// <summary>Reads a tensor in C order; the caller owns it.</summary>
    public Tensor Read(PickledTensor tensor)
    {
        long extent = tensor.Extent;
        using var run = ReadRun(tensor.Storage, extent == 0 ? 0 : tensor.Offset, extent);
        if (tensor.IsContiguous || extent == 0)
            return run.reshape(tensor.Shape);
        using var view = run.as_strided(tensor.Shape, tensor.Strides);
        return view.contiguous();
    }

    public abstract void Dispose();

    /// <summary>The bytes of a storage, from its start.</summary>
    protected abstract Stream OpenStorage(PickledStorage storage);

    /// <summary>CRC-32 of a storage's bytes; null where the container has none.</summary>
    protected abstract uint? ChecksumOf(PickledStorage storage);

    private Tensor ReadRun(PickledStorage storage, long offset, long count)
    {
        if (count == 0)
            return empty([0], dtype: storage.Type, device: CPU);
        using var stream = OpenStorage(storage);
        Skip(stream, offset * TensorBytes.Width(storage.Type));
        if (count != storage.Count || ChecksumOf(storage) is not { } expected)
            return TensorBytes.Read(stream, [count], storage.Type, IsBigEndian);
        var checksum = new Crc32();
        var run = TensorBytes.Read(stream, [count], storage.Type, IsBigEndian, checksum.Append);
        if (checksum.Value == expected && stream.ReadByte() < 0)
            return run;
        run.Dispose();
        throw new InvalidDataException($"storage {BrokenFile.Quote(storage.Key)} is damaged: its checksum differs");
    }

    private static void Skip(Stream stream, long count)
    {
        if (stream.CanSeek)
        {
            stream.Seek(count, SeekOrigin.Current);
            return;
        }

        var buffer = new byte[(int)Math.Min(count, 1 << 16)];
        for (long left = count; left > 0;)
        {
            int read = stream.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (read == 0)
                throw new EndOfStreamException("a storage ends too early");
            left -= read;
        }
    }
}
