using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace SamMed3D.Transfer;

/// <summary>The voxels of a NIfTI file one after the other, in file order (first axis fastest), scaled, in double precision.</summary>
internal sealed class NiftiVoxels : IDisposable
{
    private const int BlockLength = 1 << 15;
    private readonly InflatingReader _reader;
    private readonly NiftiHeader _header;
    private readonly string _path;
    private readonly byte[] _block;
    private readonly bool _isSwapped;
    private long _left;

    /// <summary>Opens the file with the voxels.</summary>
    /// <param name="path">The file named in messages.</param>
    /// <param name="voxelPath">The file with the voxels: the same, or the .img of a pair.</param>
    /// <param name="header">The header.</param>
    /// <exception cref="InvalidDataException">The file cannot hold as many bytes as the header says.</exception>
    public NiftiVoxels(string path, string voxelPath, NiftiHeader header)
    {
        _path = path;
        _header = header;
        _left = header.VoxelCount;
        _block = new byte[BlockLength * header.BytesPerVoxel];
        _isSwapped = header.IsBigEndian == BitConverter.IsLittleEndian;
        _reader = new InflatingReader(voxelPath);
        long end = header.VoxelOffset + header.VoxelCount * header.BytesPerVoxel;
        if (_reader.LargestContent < end)
        {
            string reason = $"the data is truncated: expected {end} bytes up to the last voxel, " +
                (_reader.IsCompressed ? $"more than {_reader.FileLength} bytes of gzip can hold" : $"the file has {_reader.FileLength}");
            _reader.Dispose();
            throw BrokenFile.Because(path, reason);
        }
        _reader.Skip(header.VoxelOffset);
    }

    /// <summary>Reads the next voxels, as many as the destination takes.</summary>
    /// <exception cref="InvalidDataException">The file ends before, or its gzip data is damaged.</exception>
    public void Read(Span<double> destination)
    {
        while (destination.Length > 0)
        {
            int count = Math.Min(destination.Length, BlockLength);
            Span<byte> bytes = _block.AsSpan(0, count * _header.BytesPerVoxel);
            if (_reader.Read(bytes) < bytes.Length)
                throw BrokenFile.Because(_path,
                    $"the data is truncated: expected {_header.VoxelCount} voxels from byte {_header.VoxelOffset} on, that is " +
                    $"{_header.VoxelCount * _header.BytesPerVoxel} bytes, got {Math.Max(0, _reader.Position - _header.VoxelOffset)}");
            Decode(bytes, destination[..count]);
            destination = destination[count..];
            _left -= count;
        }
        // A look past the last voxel makes the inflater compare the checksum, where the stream ends there.
        if (_left == 0 && _reader.IsCompressed)
            _reader.Read(_block.AsSpan(0, 1));
    }

    public void Dispose() => _reader.Dispose();

    private void Decode(Span<byte> bytes, Span<double> values)
    {
        if (_isSwapped)
            Swap(bytes);
        switch (_header.StoredType)
        {
            case NiftiType.UInt8: Convert<byte>(bytes, values); break;
            case NiftiType.Int8: Convert<sbyte>(bytes, values); break;
            case NiftiType.Int16: Convert<short>(bytes, values); break;
            case NiftiType.UInt16: Convert<ushort>(bytes, values); break;
            case NiftiType.Int32: Convert<int>(bytes, values); break;
            case NiftiType.UInt32: Convert<uint>(bytes, values); break;
            case NiftiType.Int64: Convert<long>(bytes, values); break;
            case NiftiType.UInt64: Convert<ulong>(bytes, values); break;
            case NiftiType.Float32: Convert<float>(bytes, values); break;
            default: Convert<double>(bytes, values); break;
        }
    }

    private void Swap(Span<byte> bytes)
    {
        Span<short> pairs = MemoryMarshal.Cast<byte, short>(bytes);
        Span<int> fours = MemoryMarshal.Cast<byte, int>(bytes);
        Span<long> eights = MemoryMarshal.Cast<byte, long>(bytes);
        if (_header.BytesPerVoxel == 2)
            BinaryPrimitives.ReverseEndianness(pairs, pairs);
        else if (_header.BytesPerVoxel == 4)
            BinaryPrimitives.ReverseEndianness(fours, fours);
        else if (_header.BytesPerVoxel == 8)
            BinaryPrimitives.ReverseEndianness(eights, eights);
    }

    private void Convert<T>(ReadOnlySpan<byte> bytes, Span<double> values)
        where T : unmanaged, INumberBase<T>
    {
        ReadOnlySpan<T> stored = MemoryMarshal.Cast<byte, T>(bytes);
        double slope = _header.Slope, intercept = _header.Intercept;
        for (int index = 0; index < values.Length; index++)
            values[index] = slope * double.CreateTruncating(stored[index]) + intercept;
    }
}
