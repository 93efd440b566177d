using System.Text;

namespace SamMed3D.Transfer;

/// <summary>Reads the lines of a text header that may have binary voxels behind it.</summary>
internal sealed class HeaderText : IDisposable
{
    /// <summary>Headers that describe hundreds of segments or gradients stay far below this.</summary>
    private const int LargestHeader = 8 << 20;

    private readonly FileStream _file;
    private readonly string _path;

    public HeaderText(string path)
    {
        _path = path;
        _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 14, FileOptions.SequentialScan);
    }

    /// <summary>The byte after the line that was read last.</summary>
    public long Position { get; private set; }

    /// <summary>The next line without its end; null at the end of the file.</summary>
    /// <exception cref="InvalidDataException">The header does not end.</exception>
    public string? ReadLine()
    {
        List<byte> line = [];
        int letter;
        while ((letter = _file.ReadByte()) >= 0)
        {
            if (++Position > LargestHeader)
                throw BrokenFile.Because(_path, $"the header does not end within {LargestHeader} bytes");
            if (letter == '\n')
                return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
            line.Add((byte)letter);
        }
        return line.Count > 0 ? Encoding.UTF8.GetString([.. line]).TrimEnd('\r') : null;
    }

    /// <summary>Passes over whole lines of the data that follows.</summary>
    /// <returns>Whether the file has so many.</returns>
    public bool SkipLines(long count)
    {
        while (count > 0)
        {
            int letter = _file.ReadByte();
            if (letter < 0)
                return false;
            Position++;
            if (letter == '\n')
                count--;
        }
        return true;
    }

    /// <summary>Goes to a byte of the file.</summary>
    public void MoveTo(long position) => Position = _file.Position = position;

    public void Dispose() => _file.Dispose();
}
