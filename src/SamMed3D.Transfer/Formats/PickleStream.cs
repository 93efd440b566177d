using System.Buffers.Binary;
using System.Text;

namespace SamMed3D.Transfer;

/// <summary>Reads the primitives of a pickle; never takes more than the stated number of bytes.</summary>
internal sealed class PickleStream(Stream stream, long length)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly byte[] _number = new byte[8];

    /// <summary>Bytes that are left.</summary>
    public long Remaining { get; private set; } = length;

    public byte ReadByte()
    {
        Take(1);
        int value = stream.ReadByte();
        return value >= 0 ? (byte)value : throw Truncated();
    }

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(ReadNumber(2));

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(ReadNumber(4));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(ReadNumber(4));

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(ReadNumber(8));

    public double ReadBigEndianDouble() => BinaryPrimitives.ReadDoubleBigEndian(ReadNumber(8));

    public byte[] ReadBytes(long count)
    {
        if (count < 0 || count > Array.MaxLength)
            throw new InvalidDataException($"bad pickle: a length of {count} bytes");
        Take(count);
        var bytes = new byte[count];
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            throw Truncated();
        return bytes;
    }

    public string ReadText(long count) => Decode(ReadBytes(count));

    /// <summary>Text up to the end of the line.</summary>
    public string ReadLine()
    {
        var bytes = new List<byte>();
        for (byte value = ReadByte(); value != '\n'; value = ReadByte())
        {
            if (bytes.Count == 1000)
                throw new InvalidDataException("bad pickle: a name is longer than 1000 bytes");
            bytes.Add(value);
        }

        return Decode([.. bytes]);
    }

    private static string Decode(byte[] bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException problem)
        {
            throw new InvalidDataException("bad pickle: a text is not UTF-8", problem);
        }
    }

    private static InvalidDataException Truncated() => new("truncated pickle: it ends before its STOP");

    private ReadOnlySpan<byte> ReadNumber(int count)
    {
        Take(count);
        var bytes = _number.AsSpan(0, count);
        if (stream.ReadAtLeast(bytes, count, throwOnEndOfStream: false) < count)
            throw Truncated();
        return bytes;
    }

    private void Take(long count)
    {
        if (count > Remaining)
            throw Truncated();
        Remaining -= count;
    }
}
