using System.Buffers;
using System.Runtime.InteropServices;

namespace SamMed3D.Transfer;

/// <summary>Writes a preprocessed case as an entry of the cache: the same case and key give the same bytes.</summary>
internal sealed class CaseEntryWriter
{
    private readonly Stream _stream;
    private readonly List<CaseEntryChunk> _chunks = [];

    private CaseEntryWriter(Stream stream) => _stream = stream;

    /// <summary>Writes the whole entry.</summary>
    /// <param name="stream">Can seek, and is at its beginning.</param>
    /// <param name="one">The case.</param>
    /// <param name="key">What it was made from and how.</param>
    public static void Write(Stream stream, PreprocessedCase one, byte[] key)
    {
        var grid = new ChunkGrid(one.Image.Geometry.Size);
        int labelBytes = one.Labels is null ? 0 : LabelBytes(one.Labels.Voxels());
        var header = new CaseEntryHeader
        {
            Key = key,
            Geometry = one.Image.Geometry,
            Source = one.Source,
            OutsideValues = [.. one.OutsideValues],
            LabelBytes = labelBytes,
            Chunks = new CaseEntryChunk[(one.Image.Channels + (labelBytes > 0 ? 1 : 0)) * grid.Count],
        };
        var writer = new CaseEntryWriter(stream);
        stream.Position = header.Bytes;
        IVoxelSource source = one;
        for (var channel = 0; channel < one.Image.Channels; channel++)
            writer.WriteAll<float>(grid, (place, size, box) => source.ReadImage(channel, place, size, box), static (voxels, bytes) => MemoryMarshal.AsBytes(voxels).CopyTo(bytes), sizeof(float));
        if (labelBytes > 0)
            writer.WriteAll<int>(grid, source.ReadLabels, (voxels, bytes) => Narrow(voxels, bytes, labelBytes), labelBytes);
        long length = stream.Position;
        stream.Position = 0;
        stream.Write((header with { Chunks = [.. writer._chunks], FileBytes = length }).ToBytes());
        stream.Position = length;
    }

    private delegate void Reader<T>(PatchPlace place, Size3 size, Span<T> box);

    private delegate void Packer<T>(ReadOnlySpan<T> voxels, Span<byte> bytes);

    private void WriteAll<T>(ChunkGrid grid, Reader<T> read, Packer<T> pack, int voxelBytes)
        where T : unmanaged
    {
        var voxels = new T[ChunkGrid.Voxels];
        byte[] bytes = ArrayPool<byte>.Shared.Rent(ChunkGrid.Voxels * voxelBytes);
        for (var chunk = 0; chunk < grid.Count; chunk++)
        {
            var extents = grid.Extents(chunk);
            var used = voxels.AsSpan(0, (int)extents.Count);
            read(grid.Begin(chunk), extents, used);
            // By their bits: -0 and 0 are different here, as they are in the image.
            var bits = MemoryMarshal.Cast<T, uint>(used);
            if (bits.IndexOfAnyExcept(bits[0]) < 0)
            {
                _chunks.Add(new(-1, bits[0]));
                continue;
            }

            var packed = bytes.AsSpan(0, used.Length * voxelBytes);
            pack(used, packed);
            _chunks.Add(new(_stream.Position, CaseEntryHeader.Checksum(packed)));
            _stream.Write(packed);
        }

        ArrayPool<byte>.Shared.Return(bytes);
    }

    /// <summary>The fewest bytes that hold every label.</summary>
    private static int LabelBytes(ReadOnlySpan<int> labels)
    {
        int least = 0, most = 0;
        foreach (int label in labels)
            (least, most) = (Math.Min(least, label), Math.Max(most, label));
        return least >= 0 && most <= byte.MaxValue ? 1 : least >= short.MinValue && most <= short.MaxValue ? 2 : 4;
    }

    private static void Narrow(ReadOnlySpan<int> labels, Span<byte> bytes, int labelBytes)
    {
        if (labelBytes == 1)
            for (var i = 0; i < labels.Length; i++)
                bytes[i] = (byte)labels[i];
        else if (labelBytes == 2)
            for (var i = 0; i < labels.Length; i++)
                MemoryMarshal.Cast<byte, short>(bytes)[i] = (short)labels[i];
        else
            MemoryMarshal.AsBytes(labels).CopyTo(bytes);
    }
}
