using Microsoft.Win32.SafeHandles;

namespace SamMed3D.Transfer;

/// <summary>A run of bytes of an open file, read front to back. Many may look at one file at the same time.</summary>
internal sealed class FileSection(SafeFileHandle file, long start, long length) : Stream
{
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int count = RandomAccess.Read(file, buffer[..(int)Math.Min(buffer.Length, length - _position)], start + _position);
        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <summary>Fills the buffer with the next bytes.</summary>
    /// <exception cref="InvalidDataException">The file ends before that.</exception>
    public void Fill(Span<byte> buffer)
    {
        if (this.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) < buffer.Length)
            throw new InvalidDataException("the file ends too early");
    }

    /// <summary>Passes over bytes without reading them.</summary>
    public void Skip(long count) => _position = Math.Min(length, _position + count);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
