using System.Buffers.Binary;
using System.IO.Compression;

namespace SamMed3D.Transfer;

/// <summary>Reads a file from front to back, inflating what is compressed; unless told, its first two bytes (not its name) say gzip.</summary>
internal sealed class InflatingReader : IDisposable
{
    /// <summary>Deflate spends at least two bits on 258 bytes.</summary>
    private const long LargestRatio = 1032;

    private readonly FileStream _file;
    private readonly Stream _content;
    private readonly string _path;
    private readonly StoredCompression _compression;
    private uint _checksum = Adler32.Start;

    /// <summary>Opens a file from its beginning, gzipped or plain as its first bytes say.</summary>
    public InflatingReader(string path)
        : this(path, 0, null)
    {
    }

    /// <summary>Opens a file from some byte on.</summary>
    /// <param name="path">The file.</param>
    /// <param name="start">Bytes to leave out.</param>
    /// <param name="compression">What comes then; null to let the next two bytes tell gzip from plain.</param>
    public InflatingReader(string path, long start, StoredCompression? compression)
    {
        _path = path;
        _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        _file.Position = start;
        if (compression is null or StoredCompression.Zlib)
        {
            // zlib's own reader takes gzip as well, and so do the programs that write MetaImage.
            Span<byte> mark = stackalloc byte[2];
            if (_file.ReadAtLeast(mark, 2, throwOnEndOfStream: false) == 2 && mark[0] == 0x1f && mark[1] == 0x8b)
                compression = StoredCompression.Gzip;
            _file.Position = start;
        }
        _compression = compression ?? StoredCompression.None;
        StoredLength = Math.Max(0, _file.Length - start);
        _content = _compression switch
        {
            StoredCompression.Gzip => new GZipStream(_file, CompressionMode.Decompress),
            StoredCompression.Zlib => new ZLibStream(_file, CompressionMode.Decompress),
            StoredCompression.Hex => new HexStream(_file),
            _ => _file,
        };
    }

    public bool IsCompressed => _compression != StoredCompression.None;

    /// <summary>How the bytes are stored, in the format's own word.</summary>
    public string CompressionName => _compression.ToString().ToLowerInvariant();

    /// <summary>Bytes on disk, from the start on.</summary>
    public long StoredLength { get; }

    /// <summary>More bytes than this cannot come out of the file.</summary>
    public long LargestContent => _compression switch
    {
        StoredCompression.None => StoredLength,
        StoredCompression.Hex => StoredLength / 2,
        _ => StoredLength < long.MaxValue / LargestRatio ? StoredLength * LargestRatio : long.MaxValue,
    };

    /// <summary>Bytes read or skipped so far.</summary>
    public long Position { get; private set; }

    /// <summary>Fills the buffer as far as the file goes, and tells how far.</summary>
    /// <exception cref="InvalidDataException">The gzip data is damaged.</exception>
    public int Read(Span<byte> buffer)
    {
        try
        {
            int count = _content.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            Position += count;
            if (_compression == StoredCompression.Zlib)
                _checksum = Adler32.Append(_checksum, buffer[..count]);
            return count;
        }
        catch (Exception error) when (IsCompressed && error is InvalidDataException or IOException)
        {
            throw BrokenFile.Because(_path, $"the {CompressionName} data is damaged or truncated after {Position} bytes", error);
        }
    }

    /// <summary>Passes over bytes; stops silently at the end of the file.</summary>
    public void Skip(long count)
    {
        Span<byte> buffer = stackalloc byte[4096];
        while (count > 0)
        {
            int read = Read(buffer[..(int)Math.Min(count, buffer.Length)]);
            if (read == 0)
                return;
            count -= read;
        }
    }

    /// <summary>Looks past what was read, so that checksums are compared where the data ends there; tells whether it goes on instead.</summary>
    /// <param name="zlibEnd">Where zlib data ends in the file, if something tells; else it ends with the file.</param>
    /// <exception cref="InvalidDataException">The data is damaged.</exception>
    public bool CheckEnd(long? zlibEnd)
    {
        if (!IsCompressed)
            return Position < StoredLength;
        if (Read(stackalloc byte[1]) > 0)
            return true;
        // gzip ends with the size of its last part; where that is cut off, .NET reads on as if nothing were missing.
        if (_compression == StoredCompression.Gzip && Position <= uint.MaxValue && LastSize() > Position)
            throw BrokenFile.Because(_path, "the gzip data does not end with its size: its last bytes are missing, or others follow it");
        // The inflater does not mind when the data ends before its checksum.
        if (_compression == StoredCompression.Zlib && !EndsWithChecksum(_file.Length) && !(zlibEnd is { } end && EndsWithChecksum(end)))
            throw BrokenFile.Because(_path, "the zlib data is damaged or truncated: its checksum is wrong");
        return false;
    }

    /// <summary>Bytes of content that the last part of a gzip file says that it has.</summary>
    private uint LastSize()
    {
        Span<byte> stored = stackalloc byte[4];
        return _file.Length >= 4 && RandomAccess.Read(_file.SafeFileHandle, stored, _file.Length - 4) == 4 ? BinaryPrimitives.ReadUInt32LittleEndian(stored) : 0;
    }

    private bool EndsWithChecksum(long end)
    {
        Span<byte> stored = stackalloc byte[4];
        return end >= 4 && end <= _file.Length && RandomAccess.Read(_file.SafeFileHandle, stored, end - 4) == 4
            && BinaryPrimitives.ReadUInt32BigEndian(stored) == _checksum;
    }

    public void Dispose()
    {
        _content.Dispose();
        _file.Dispose();
    }
}
