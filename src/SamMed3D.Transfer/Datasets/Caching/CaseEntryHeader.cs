using System.Numerics;
using System.Runtime.InteropServices;

namespace SamMed3D.Transfer;

/// <summary>
/// What stands before the voxels of a cache entry (little-endian): "SM3DCASE", format version, bytes of the header, CRC-32C of what follows in
/// it; then key, length of the file, grids, values outside, and a row for each chunk. Channels come one after the other, the labels last.
/// </summary>
internal sealed record CaseEntryHeader
{
    /// <summary>Goes up when the layout changes: older entries are then built anew.</summary>
    public const int Version = 1;

    private const int Start = 20;

    /// <summary>SHA-256 of what the entry was made from and how; 32 bytes.</summary>
    public required byte[] Key { get; init; }

    /// <summary>The preprocessed grid.</summary>
    public required Geometry Geometry { get; init; }

    /// <summary>The grid of the file that the image came from.</summary>
    public required Geometry Source { get; init; }

    /// <summary>One for each channel of the image.</summary>
    public required float[] OutsideValues { get; init; }

    /// <summary>Bytes of a label in the file: 1, 2 or 4; 0 without labels.</summary>
    public required int LabelBytes { get; init; }

    /// <summary>For every chunk of every channel, then of the labels.</summary>
    public required CaseEntryChunk[] Chunks { get; init; }

    /// <summary>Length of the whole file.</summary>
    public long FileBytes { get; init; }

    /// <summary>Length of the header.</summary>
    public int Bytes => Start + 32 + 8 + 4 * 9 + 8 * 24 + 4 * OutsideValues.Length + 12 * Chunks.Length;

    private static ReadOnlySpan<byte> Magic => "SM3DCASE"u8;

    /// <summary>CRC-32C (polynomial 0x82F63B78, reflected), eight bytes an instruction where the processor has one.</summary>
    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint state = uint.MaxValue;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words)
            state = BitOperations.Crc32C(state, word);
        foreach (byte value in bytes[(8 * words.Length)..])
            state = BitOperations.Crc32C(state, value);
        return ~state;
    }

    /// <summary>The header as it stands in the file.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[Bytes];
        using var writer = new BinaryWriter(new MemoryStream(bytes));
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write(bytes.Length);
        writer.Write(0u);
        writer.Write(Key);
        writer.Write(FileBytes);
        writer.Write(ChunkGrid.Edge);
        writer.Write(OutsideValues.Length);
        writer.Write(LabelBytes);
        foreach (var grid in (Geometry[])[Geometry, Source])
        {
            foreach (int extent in (int[])[grid.Size.X, grid.Size.Y, grid.Size.Z])
                writer.Write(extent);
            foreach (double element in grid.Affine.ToArray()[..12])
                writer.Write(element);
        }

        foreach (float value in OutsideValues)
            writer.Write(value);
        foreach (var chunk in Chunks)
        {
            writer.Write(chunk.Offset);
            writer.Write(chunk.Word);
        }

        BitConverter.TryWriteBytes(bytes.AsSpan(Start - 4), Checksum(bytes.AsSpan(Start)));
        return bytes;
    }

    /// <summary>Reads and checks a header.</summary>
    /// <exception cref="BrokenEntryException">It is damaged, or of another version.</exception>
    public static CaseEntryHeader Read(Stream stream, string path)
    {
        byte[] start = new byte[Start];
        if (stream.ReadAtLeast(start, Start, throwOnEndOfStream: false) < Start || !start.AsSpan(0, 8).SequenceEqual(Magic))
            throw new BrokenEntryException(path, "is no entry of this cache");
        if (BitConverter.ToInt32(start, 8) is not Version and var version)
            throw new BrokenEntryException(path, $"is of format {version}, this library writes {Version}");
        int length = BitConverter.ToInt32(start, 12) - Start;
        if (length < 0 || length > stream.Length - Start)
            throw new BrokenEntryException(path, "is cut off in its header");
        byte[] rest = new byte[length];
        stream.ReadExactly(rest);
        if (Checksum(rest) != BitConverter.ToUInt32(start, 16))
            throw new BrokenEntryException(path, "has a damaged header");

        // The checksum holds, so this is what was written.
        using var reader = new BinaryReader(new MemoryStream(rest));
        byte[] key = reader.ReadBytes(32);
        long fileBytes = reader.ReadInt64();
        if (fileBytes != stream.Length)
            throw new BrokenEntryException(path, $"has {stream.Length} bytes, expected {fileBytes}");
        if (reader.ReadInt32() is not ChunkGrid.Edge and var edge)
            throw new BrokenEntryException(path, $"has chunks of edge {edge}, expected {ChunkGrid.Edge}");
        int channels = reader.ReadInt32(), labelBytes = reader.ReadInt32();
        Geometry geometry = ReadGrid(reader), source = ReadGrid(reader);
        float[] outside = [.. Enumerable.Range(0, channels).Select(_ => reader.ReadSingle())];
        var chunks = new CaseEntryChunk[(channels + (labelBytes > 0 ? 1 : 0)) * new ChunkGrid(geometry.Size).Count];
        for (var chunk = 0; chunk < chunks.Length; chunk++)
            chunks[chunk] = new(reader.ReadInt64(), reader.ReadUInt32());
        return new()
        {
            Key = key, FileBytes = fileBytes, Geometry = geometry, Source = source, OutsideValues = outside, LabelBytes = labelBytes, Chunks = chunks,
        };
    }

    private static Geometry ReadGrid(BinaryReader reader)
    {
        var size = new Size3(reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
        return new Geometry(size, Affine.FromRows([.. Enumerable.Range(0, 12).Select(_ => reader.ReadDouble())]));
    }
}
