namespace SamMed3D.Transfer;

/// <summary>Bytes written out as pairs of hexadecimal digits, with white space anywhere between digits.</summary>
internal sealed class HexStream(Stream text) : Stream
{
    private readonly byte[] _block = new byte[1 << 12];
    private int _next, _end;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        for (int index = 0; index < buffer.Length; index++)
        {
            int high = Digit();
            if (high < 0)
                return index;
            int low = Digit();
            if (low < 0)
                throw new InvalidDataException("an odd number of hexadecimal digits");
            buffer[index] = (byte)(high << 4 | low);
        }
        return buffer.Length;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int Digit()
    {
        while (true)
        {
            if (_next == _end)
                (_next, _end) = (0, text.Read(_block));
            if (_end == 0)
                return -1;
            int letter = _block[_next++];
            if (letter is ' ' or '\n' or '\r' or '\t')
                continue;
            return char.IsAsciiHexDigit((char)letter)
                ? letter <= '9' ? letter - '0' : (letter | 0x20) - 'a' + 10
                : throw new InvalidDataException($"expected hexadecimal digits, got the byte {letter:x2}");
        }
    }
}
