using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace SamMed3D.Transfer;

/// <summary>The records of an open zip archive by name.</summary>
internal sealed class ZipRecords : IDisposable
{
    private const int LocalHeaderLength = 30;

    private readonly FileStream _file;
    private readonly Dictionary<string, ZipRecord> _records = new(StringComparer.Ordinal);

    /// <exception cref="InvalidDataException">The archive is damaged.</exception>
    public ZipRecords(FileStream file)
    {
        _file = file;
        foreach (var record in ZipDirectory.Read(ReadAt, file.Length))
            if (!_records.TryAdd(record.Name, record))
                throw new InvalidDataException($"the archive has the record {BrokenFile.Quote(record.Name)} twice");
    }

    /// <summary>The names of all records.</summary>
    public IEnumerable<string> Names => _records.Keys;

    /// <summary>The record of this name, or null.</summary>
    public ZipRecord? Find(string name) => _records.GetValueOrDefault(name);

    /// <summary>The content of a record from a place on; inflating has to pass over what lies before it.</summary>
    public Stream Open(ZipRecord record, long offset = 0)
    {
        byte[] header = ReadAt(record.HeaderStart, LocalHeaderLength);
        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(26));
        int extraLength = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(28));
        long start = record.HeaderStart + LocalHeaderLength + nameLength + extraLength;
        if (!header.AsSpan().StartsWith("PK\x03\x04"u8) || start > _file.Length - record.StoredLength
            || Encoding.UTF8.GetString(ReadAt(record.HeaderStart + LocalHeaderLength, nameLength)) != record.Name)
            throw new InvalidDataException($"damaged zip archive: the header of the record {BrokenFile.Quote(record.Name)} differs from the directory");
        var section = new FileSection(_file.SafeFileHandle, start, record.StoredLength);
        if (!record.IsCompressed)
        {
            section.Skip(offset);
            return section;
        }

        var inflated = new DeflateStream(section, CompressionMode.Decompress);
        var passed = new byte[(int)Math.Min(offset, 1 << 16)];
        for (long left = offset; left > 0; left -= Math.Min(left, passed.Length))
            ReadExactly(inflated, passed.AsSpan(0, (int)Math.Min(left, passed.Length)), record);
        return inflated;
    }

    /// <summary>A whole record, its checksum verified.</summary>
    public byte[] ReadAll(ZipRecord record, long longest)
    {
        if (record.Length > longest)
            throw new InvalidDataException($"the record {BrokenFile.Quote(record.Name)} has {record.Length} bytes, more than a checkpoint's can");
        var bytes = new byte[record.Length];
        using var stream = Open(record);
        ReadExactly(stream, bytes, record);
        var checksum = new Crc32();
        checksum.Append(bytes);
        RequireWhole(stream, record, checksum.Value);
        return bytes;
    }

    /// <summary>Fills the buffer with the next bytes of an open record.</summary>
    /// <exception cref="InvalidDataException">The record is damaged.</exception>
    public static void ReadExactly(Stream content, Span<byte> buffer, ZipRecord record)
    {
        try
        {
            if (content.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) == buffer.Length)
                return;
        }
        catch (InvalidDataException problem) when (record.IsCompressed)
        {
            throw new InvalidDataException($"the record {BrokenFile.Quote(record.Name)} is damaged: it cannot be inflated", problem);
        }

        throw new InvalidDataException($"the record {BrokenFile.Quote(record.Name)} ends too early");
    }

    /// <summary>Refuses a record that was read to its end when there is more of it, or its checksum differs.</summary>
    public static void RequireWhole(Stream content, ZipRecord record, uint checksum)
    {
        if (record.Checksum != 0 && record.Checksum != checksum)
            throw new InvalidDataException($"the record {BrokenFile.Quote(record.Name)} is damaged: its checksum differs");
        if (record.IsCompressed && content.ReadByte() >= 0)
            throw new InvalidDataException($"the record {BrokenFile.Quote(record.Name)} is longer than the directory says");
    }

    public void Dispose() => _file.Dispose();

    private byte[] ReadAt(long start, int count)
    {
        var bytes = new byte[count];
        using var section = new FileSection(_file.SafeFileHandle, start, count);
        section.Fill(bytes);
        return bytes;
    }
}
