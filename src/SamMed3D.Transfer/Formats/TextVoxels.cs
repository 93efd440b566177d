using System.Buffers.Text;

namespace SamMed3D.Transfer;

/// <summary>Voxels written out as decimal numbers with white space or commas between them.</summary>
internal sealed class TextVoxels : VoxelStream
{
    private const int LongestNumber = 128;
    private readonly InflatingReader _reader;
    private readonly string _path;
    private readonly long _count;
    private readonly byte[] _block = new byte[1 << 12];
    private int _next, _end;
    private long _done;

    /// <summary>Takes over the file, which stands before the first number.</summary>
    /// <exception cref="InvalidDataException">The file is too short for as many numbers.</exception>
    public TextVoxels(string path, InflatingReader reader, long count)
    {
        (_path, _reader, _count) = (path, reader, count);
        if (reader.LargestContent / 2 >= count - 1)
            return;
        reader.Dispose();
        throw BrokenFile.Because(path, $"the data is truncated: expected {count} numbers, {reader.StoredLength} bytes of text cannot hold them");
    }

    public override void Read(Span<double> destination)
    {
        Span<byte> number = stackalloc byte[LongestNumber];
        for (int index = 0; index < destination.Length; index++)
        {
            int length = 0, letter = Byte();
            while (IsSeparator(letter))
                letter = Byte();
            for (; letter >= 0 && !IsSeparator(letter); letter = Byte())
            {
                if (length == LongestNumber)
                    throw BrokenFile.Because(_path, $"number {_done} of the data is longer than {LongestNumber} characters");
                number[length++] = (byte)letter;
            }
            if (length == 0)
                throw BrokenFile.Because(_path, $"the data is truncated: expected {_count} numbers, got {_done}");
            destination[index] = Parse(number[..length]);
            _done++;
        }
    }

    public override void Dispose() => _reader.Dispose();

    private static bool IsSeparator(int letter) => letter is ' ' or '\n' or '\r' or '\t' or ',';

    private double Parse(ReadOnlySpan<byte> text)
    {
        if (text[0] == '+')
            text = text[1..];
        if (Utf8Parser.TryParse(text, out double value, out int used) && used == text.Length)
            return value;
        string word = System.Text.Encoding.Latin1.GetString(text);
        return word.TrimStart('-').ToUpperInvariant() switch
        {
            "NAN" => double.NaN,
            "INF" or "INFINITY" => word[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity,
            _ => throw BrokenFile.Because(_path, $"number {_done} of the data is {BrokenFile.Quote(word)}, expected a decimal number"),
        };
    }

    private int Byte()
    {
        if (_next == _end)
            (_next, _end) = (0, _reader.Read(_block));
        return _end == 0 ? -1 : _block[_next++];
    }
}
