using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace SamMed3D.Transfer;

/// <summary>Voxels stored as binary numbers, plain or compressed.</summary>
internal sealed class BinaryVoxels : VoxelStream
{
    private const int BlockLength = 1 << 15;
    private readonly InflatingReader _reader;
    private readonly StoredNumbers _numbers;
    private readonly string _path;
    private readonly long _offset;
    private readonly long? _zlibEnd;
    private readonly byte[] _block;
    private readonly bool _isSwapped;
    private readonly int _bytesPerVoxel;
    private long _left;
    private bool _hasMore;

    /// <summary>Takes over the file with the voxels.</summary>
    /// <param name="path">The file named in messages.</param>
    /// <param name="reader">The file with the voxels; disposed with this.</param>
    /// <param name="offset">Bytes (inflated ones) before the first voxel.</param>
    /// <param name="numbers">Type, byte order and number of the voxels.</param>
    /// <param name="zlibEnd">Where zlib data ends in the file, if the header tells.</param>
    /// <exception cref="InvalidDataException">The file cannot hold as many bytes as the header says.</exception>
    public BinaryVoxels(string path, InflatingReader reader, long offset, StoredNumbers numbers, long? zlibEnd = null)
    {
        _path = path;
        _reader = reader;
        _offset = offset;
        _numbers = numbers;
        _zlibEnd = zlibEnd;
        _left = numbers.Count;
        _bytesPerVoxel = numbers.Type.BytesPerVoxel();
        _isSwapped = numbers.IsBigEndian == BitConverter.IsLittleEndian;
        long end = offset + numbers.Count * _bytesPerVoxel;
        if (reader.LargestContent < end)
        {
            string reason = $"the data is truncated: expected {end} bytes up to the last voxel, " + (reader.IsCompressed
                ? $"more than {reader.StoredLength} bytes of {reader.CompressionName} can hold" : $"the file has {reader.StoredLength}");
            reader.Dispose();
            throw BrokenFile.Because(path, reason);
        }
        _block = new byte[(int)Math.Min(BlockLength, Math.Max(1, numbers.Count)) * _bytesPerVoxel];
        reader.Skip(offset);
    }

    public override bool HasMore => _hasMore;

    public override void Read(Span<double> destination)
    {
        while (destination.Length > 0)
        {
            int count = Math.Min(destination.Length, _block.Length / _bytesPerVoxel);
            Span<byte> bytes = _block.AsSpan(0, count * _bytesPerVoxel);
            if (_reader.Read(bytes) < bytes.Length)
                throw BrokenFile.Because(_path,
                    $"the data is truncated: expected {_numbers.Count} voxels from byte {_offset} on, that is " +
                    $"{_numbers.Count * _bytesPerVoxel} bytes, got {Math.Max(0, _reader.Position - _offset)}");
            Decode(bytes, destination[..count]);
            destination = destination[count..];
            _left -= count;
        }
        if (_left == 0)
            _hasMore = _reader.CheckEnd(_zlibEnd);
    }

    public override void Dispose() => _reader.Dispose();

    private void Decode(Span<byte> bytes, Span<double> values)
    {
        if (_isSwapped)
            Swap(bytes);
        switch (_numbers.Type)
        {
            case VoxelType.UInt8: Convert<byte>(bytes, values); break;
            case VoxelType.Int8: Convert<sbyte>(bytes, values); break;
            case VoxelType.Int16: Convert<short>(bytes, values); break;
            case VoxelType.UInt16: Convert<ushort>(bytes, values); break;
            case VoxelType.Int32: Convert<int>(bytes, values); break;
            case VoxelType.UInt32: Convert<uint>(bytes, values); break;
            case VoxelType.Int64: Convert<long>(bytes, values); break;
            case VoxelType.UInt64: Convert<ulong>(bytes, values); break;
            case VoxelType.Float32: Convert<float>(bytes, values); break;
            default: Convert<double>(bytes, values); break;
        }
    }

    private void Swap(Span<byte> bytes)
    {
        Span<short> pairs = MemoryMarshal.Cast<byte, short>(bytes);
        Span<int> fours = MemoryMarshal.Cast<byte, int>(bytes);
        Span<long> eights = MemoryMarshal.Cast<byte, long>(bytes);
        if (_bytesPerVoxel == 2)
            BinaryPrimitives.ReverseEndianness(pairs, pairs);
        else if (_bytesPerVoxel == 4)
            BinaryPrimitives.ReverseEndianness(fours, fours);
        else if (_bytesPerVoxel == 8)
            BinaryPrimitives.ReverseEndianness(eights, eights);
    }

    private void Convert<T>(ReadOnlySpan<byte> bytes, Span<double> values)
        where T : unmanaged, INumberBase<T>
    {
        ReadOnlySpan<T> stored = MemoryMarshal.Cast<byte, T>(bytes);
        double slope = _numbers.Slope, intercept = _numbers.Intercept;
        for (int index = 0; index < values.Length; index++)
            values[index] = slope * double.CreateTruncating(stored[index]) + intercept;
    }
}
