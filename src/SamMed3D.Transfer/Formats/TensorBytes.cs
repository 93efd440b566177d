namespace SamMed3D.Transfer;

/// <summary>Moves tensors to and from streams as raw little-endian bytes in C order, in pieces, whatever their size.</summary>
internal static class TensorBytes
{
    private const int PieceBytes = 1 << 24;

    /// <summary>Makes a tensor whose bytes are given piece by piece, in order; the caller owns it.</summary>
    /// <exception cref="InvalidDataException">The bytes are no values of this type.</exception>
    public static Tensor Read(PieceAction fill, IReadOnlyList<long> shape, ScalarType type, bool isBigEndian = false)
    {
        var tensor = empty([.. shape], dtype: type, device: CPU);
        try
        {
            int width = Width(type);
            ForEachPiece(tensor, bytes =>
            {
                fill(bytes);
                if (isBigEndian)
                    SwapBytes(bytes, width);
                if (type == ScalarType.Bool)
                    RequireBooleans(bytes);
            });
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Writes a tensor's values, whatever its device and strides.</summary>
    public static void Write(Stream stream, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        ForEachPiece(tensor.detach().cpu().contiguous(), bytes => stream.Write(bytes));
    }

    /// <summary>Bytes of one element.</summary>
    public static int Width(ScalarType type) => type switch
    {
        ScalarType.Float64 or ScalarType.Int64 => 8,
        ScalarType.Float32 or ScalarType.Int32 => 4,
        ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Int16 => 2,
        ScalarType.Int8 or ScalarType.Byte or ScalarType.Bool => 1,
        _ => throw new NotSupportedException($"Tensors of type {type} are not stored in checkpoints; convert them to a real type first."),
    };

    /// <summary>Number of elements, or null when a size is negative or the product does not fit.</summary>
    public static long? CountElements(IReadOnlyList<long> shape)
    {
        var count = 1L;
        if (shape.Contains(0))
            return shape.Any(size => size < 0) ? null : 0;
        foreach (long size in shape)
            if (size < 0 || count > long.MaxValue / 16 / size)
                return null;
            else
                count *= size;
        return count;
    }

    /// <summary>Turns the byte order of elements around.</summary>
    public static void SwapBytes(Span<byte> bytes, int width)
    {
        if (width > 1)
            for (var i = 0; i < bytes.Length; i += width)
                bytes.Slice(i, width).Reverse();
    }

    /// <summary>Hands the memory of a contiguous CPU tensor over, in pieces of whole elements.</summary>
    public static void ForEachPiece(Tensor contiguous, PieceAction action)
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Checkpoints are read and written on little-endian machines only.");
        long count = contiguous.numel();
        long step = PieceBytes / Width(contiguous.dtype);
        using var flat = contiguous.view(-1L);
        for (var start = 0L; start < count; start += step)
        {
            using var piece = flat.narrow(0, start, Math.Min(step, count - start));
            action(piece.bytes);
        }
    }

    private static void RequireBooleans(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IndexOfAnyExceptInRange((byte)0, (byte)1) >= 0)
            throw new InvalidDataException("a boolean is neither 0 nor 1");
    }

    /// <summary>Does something with the bytes of a run of elements.</summary>
    public delegate void PieceAction(Span<byte> bytes);
}
