using System.IO.Compression;

namespace SamMed3D.Transfer;

/// <summary>Reads a file from front to back, inflating it when its first two bytes (not its name) say gzip.</summary>
internal sealed class InflatingReader : IDisposable
{
    /// <summary>Deflate spends at least two bits on 258 bytes.</summary>
    private const long LargestRatio = 1032;

    private readonly FileStream _file;
    private readonly Stream _content;
    private readonly string _path;

    public InflatingReader(string path)
    {
        _path = path;
        _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        Span<byte> start = stackalloc byte[2];
        IsCompressed = _file.ReadAtLeast(start, 2, throwOnEndOfStream: false) == 2 && start[0] == 0x1f && start[1] == 0x8b;
        _file.Position = 0;
        _content = IsCompressed ? new GZipStream(_file, CompressionMode.Decompress) : _file;
    }

    public bool IsCompressed { get; }

    /// <summary>Bytes on disk.</summary>
    public long FileLength => _file.Length;

    /// <summary>More bytes than this cannot come out of the file.</summary>
    public long LargestContent => IsCompressed ? FileLength * LargestRatio : FileLength;

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
            return count;
        }
        catch (Exception error) when (IsCompressed && error is InvalidDataException or IOException)
        {
            throw BrokenFile.Because(_path, $"the gzip data is damaged or truncated after {Position} inflated bytes", error);
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

    public void Dispose()
    {
        _content.Dispose();
        _file.Dispose();
    }
}
