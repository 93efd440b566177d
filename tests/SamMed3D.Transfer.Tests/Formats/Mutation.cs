using System.Buffers.Binary;
using System.IO.Compression;

namespace SamMed3D.Transfer.Tests;

/// <summary>Damages checkpoint files at random, the same way for the same generator.</summary>
internal static class Mutation
{
    // Opcodes of pickles, so that damage often means something.
    private static readonly byte[] Opcodes = [.. "().0123]}tlasubeRQcqhrjKMJNXUC"u8, 0x80, 0x81, 0x85, 0x86, 0x87, 0x88, 0x8a, 0x8c, 0x8f, 0x90, 0x93, 0x94, 0x95];

    /// <summary>Changes bytes anywhere.</summary>
    public static byte[] OfBytes(byte[] whole, Random random)
    {
        int at = random.Next(whole.Length), count = Math.Min(random.Next(1, 64), whole.Length - at);
        byte[] bytes = [.. whole];
        switch (random.Next(7))
        {
            case 0:
                return whole[..at];
            case 1:
                return [.. whole[..at], .. whole[(at + count)..]];
            case 2:
                return [.. whole[..at], .. whole[random.Next(at + 1)..(at + count)], .. whole[at..]];
            case 3:
                bytes[at] = Opcodes[random.Next(Opcodes.Length)];
                return bytes;
            case 4:
                return [.. whole[..at], Opcodes[random.Next(Opcodes.Length)], .. whole[at..]];
            case 5:
                int width = Math.Min(random.Next(1, 9), whole.Length - at);
                bytes.AsSpan(at, width).Fill((byte)(random.Next(2) == 0 ? 0xff : random.Next(2) * 0x7f));
                return bytes;
            default:
                for (int flips = random.Next(1, 6); flips > 0; flips--)
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                return bytes;
        }
    }

    /// <summary>Changes the pickle of a zip checkpoint and packs it again, so that no checksum gives the change away.</summary>
    public static byte[] OfPickle(byte[] whole, Random random)
    {
        using var packed = new MemoryStream();
        using (var old = new ZipArchive(new MemoryStream(whole)))
        using (var archive = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var entry in old.Entries)
            {
                using var record = entry.Open();
                var content = new byte[entry.Length];
                record.ReadExactly(content);
                if (entry.Name == "data.pkl")
                    for (int changes = random.Next(1, 4); changes > 0 && content.Length > 0; changes--)
                        content = OfBytes(content, random);
                using var written = archive.CreateEntry(entry.FullName, CompressionLevel.NoCompression).Open();
                written.Write(content);
            }

        return packed.ToArray();
    }

    /// <summary>Changes the header of a safetensors file and states its new length.</summary>
    public static byte[] OfHeader(byte[] whole, Random random)
    {
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(whole);
        byte[] header = whole[8..(8 + length)];
        for (int changes = random.Next(1, 4); changes > 0 && header.Length > 0; changes--)
        {
            int at = random.Next(header.Length);
            byte[][] pieces = [[(byte)random.Next('0', ':')], "-"u8.ToArray(), ","u8.ToArray(), "null"u8.ToArray(), "\""u8.ToArray(), "[]"u8.ToArray(), "{}"u8.ToArray(), "1e9"u8.ToArray(), @"\ud800"u8.ToArray(), []];
            header = random.Next(4) == 0
                ? OfBytes(header, random)
                : [.. header[..at], .. pieces[random.Next(pieces.Length)], .. header[Math.Min(header.Length, at + random.Next(2))..]];
        }

        return [.. BitConverter.GetBytes((long)header.Length), .. header, .. whole[(8 + length)..]];
    }
}
