using System.Buffers.Binary;
using System.Text;

namespace SamMed3D.Transfer;

/// <summary>
/// Reads the central directory of a zip archive (PKWARE's APPNOTE 6.3.10, sections 4.3 and 4.5, with zip64), refusing whatever contradicts
/// itself: torch.save writes plain archives on one disk, whose records lie one after the other.
/// </summary>
internal static class ZipDirectory
{
    private const int EndLength = 22, Zip64LocatorLength = 20, Zip64EndLength = 56, EntryLength = 46, LocalHeaderLength = 30;
    private const int LongestComment = ushort.MaxValue;
    private const long LongestDirectory = 256L << 20;

    /// <summary>The records in the order of the directory.</summary>
    /// <exception cref="InvalidDataException">The archive is damaged.</exception>
    public static List<ZipRecord> Read(Func<long, int, byte[]> readAt, long fileLength)
    {
        var (count, start, length, end) = FindDirectory(readAt, fileLength);
        if (start < 0 || length < 0 || start > end - length || length > LongestDirectory || count < 0 || count > length / EntryLength)
            throw new InvalidDataException("damaged zip archive: its central directory does not lie inside of the file");
        byte[] directory = readAt(start, (int)length);
        var records = new List<ZipRecord>((int)count);
        ReadOnlySpan<byte> rest = directory;
        for (var i = 0L; i < count; i++)
            records.Add(ReadEntry(ref rest));
        if (rest.Length > 0)
            throw new InvalidDataException("damaged zip archive: its central directory has more records than it says");
        RequireSeparateRecords(records, start);
        return records;
    }

    private static (long Count, long Start, long Length, long End) FindDirectory(Func<long, int, byte[]> readAt, long fileLength)
    {
        int tailLength = (int)Math.Min(fileLength, EndLength + LongestComment);
        byte[] tail = readAt(fileLength - tailLength, tailLength);
        for (int at = tailLength - EndLength; at >= 0; at--)
        {
            ReadOnlySpan<byte> end = tail.AsSpan(at);
            if (!end.StartsWith("PK\x05\x06"u8) || BinaryPrimitives.ReadUInt16LittleEndian(end[20..]) != end.Length - EndLength)
                continue;
            long count = BinaryPrimitives.ReadUInt16LittleEndian(end[10..]);
            long length = BinaryPrimitives.ReadUInt32LittleEndian(end[12..]), start = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
            long endStart = fileLength - tailLength + at;
            return count == ushort.MaxValue || length == uint.MaxValue || start == uint.MaxValue
                ? ReadZip64End(readAt, endStart)
                : (count, start, length, endStart);
        }

        throw new InvalidDataException("truncated zip archive: it has no central directory; is the copy or download complete?");
    }

    private static (long Count, long Start, long Length, long End) ReadZip64End(Func<long, int, byte[]> readAt, long endStart)
    {
        if (endStart >= Zip64LocatorLength + Zip64EndLength)
        {
            ReadOnlySpan<byte> locator = readAt(endStart - Zip64LocatorLength, Zip64LocatorLength);
            long zip64Start = BinaryPrimitives.ReadInt64LittleEndian(locator[8..]);
            if (locator.StartsWith("PK\x06\x07"u8) && zip64Start >= 0 && zip64Start <= endStart - Zip64LocatorLength - Zip64EndLength)
            {
                ReadOnlySpan<byte> end = readAt(zip64Start, Zip64EndLength);
                if (end.StartsWith("PK\x06\x06"u8))
                    return (BinaryPrimitives.ReadInt64LittleEndian(end[32..]), BinaryPrimitives.ReadInt64LittleEndian(end[48..]),
                        BinaryPrimitives.ReadInt64LittleEndian(end[40..]), zip64Start);
            }
        }

        throw new InvalidDataException("damaged zip archive: its zip64 directory is missing");
    }

    private static ZipRecord ReadEntry(ref ReadOnlySpan<byte> rest)
    {
        if (rest.Length < EntryLength || !rest.StartsWith("PK\x01\x02"u8))
            throw new InvalidDataException("damaged zip archive: an entry of its central directory is broken");
        int flags = BinaryPrimitives.ReadUInt16LittleEndian(rest[8..]), method = BinaryPrimitives.ReadUInt16LittleEndian(rest[10..]);
        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(rest[16..]);
        long stored = BinaryPrimitives.ReadUInt32LittleEndian(rest[20..]), length = BinaryPrimitives.ReadUInt32LittleEndian(rest[24..]);
        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(rest[28..]), extraLength = BinaryPrimitives.ReadUInt16LittleEndian(rest[30..]);
        int commentLength = BinaryPrimitives.ReadUInt16LittleEndian(rest[32..]);
        long start = BinaryPrimitives.ReadUInt32LittleEndian(rest[42..]);
        if (rest.Length < EntryLength + nameLength + extraLength + commentLength)
            throw new InvalidDataException("damaged zip archive: an entry of its central directory is cut off");
        string name = Encoding.UTF8.GetString(rest.Slice(EntryLength, nameLength));
        ReadZip64Sizes(rest.Slice(EntryLength + nameLength, extraLength), ref length, ref stored, ref start);
        rest = rest[(EntryLength + nameLength + extraLength + commentLength)..];
        string quoted = BrokenFile.Quote(name);
        if ((flags & 1) != 0)
            throw new InvalidDataException($"the record {quoted} is encrypted");
        if (method is not 0 and not 8)
            throw new InvalidDataException($"the record {quoted} is compressed by method {method}; stored and deflated ones are read");
        if (stored < 0 || length < 0 || start < 0 || method == 0 && stored != length)
            throw new InvalidDataException($"damaged zip archive: the record {quoted} contradicts itself about its length");
        return new ZipRecord(name, method, start, stored, length, checksum);
    }

    // The extra field 1 holds, in this order, those of the three numbers that do not fit into 32 bits.
    private static void ReadZip64Sizes(ReadOnlySpan<byte> extra, ref long length, ref long stored, ref long start)
    {
        while (extra.Length >= 4)
        {
            int size = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            bool isZip64 = BinaryPrimitives.ReadUInt16LittleEndian(extra) == 1;
            extra = extra[4..];
            if (size > extra.Length)
                return;
            if (isZip64)
            {
                var numbers = extra[..size];
                Take(ref numbers, ref length);
                Take(ref numbers, ref stored);
                Take(ref numbers, ref start);
                return;
            }

            extra = extra[size..];
        }

        static void Take(ref ReadOnlySpan<byte> numbers, ref long value)
        {
            if (value != uint.MaxValue || numbers.Length < 8)
                return;
            value = BinaryPrimitives.ReadInt64LittleEndian(numbers);
            numbers = numbers[8..];
        }
    }

    // Records that share bytes make a small file inflate to anything.
    private static void RequireSeparateRecords(List<ZipRecord> records, long directoryStart)
    {
        var reached = 0L;
        foreach (var record in records.OrderBy(record => record.HeaderStart))
        {
            if (record.HeaderStart < reached || record.HeaderStart > directoryStart - LocalHeaderLength
                || record.StoredLength > directoryStart - LocalHeaderLength - record.HeaderStart)
                throw new InvalidDataException($"damaged zip archive: the record {BrokenFile.Quote(record.Name)} overlaps another part of the file");
            reached = record.HeaderStart + LocalHeaderLength + record.StoredLength;
        }
    }
}
