using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SamMed3D.Transfer;

/// <summary>An open entry of the cache. It reads the chunks that are asked for and checks each of them. Safe for several threads.</summary>
internal sealed class CaseEntry : IDisposable
{
    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly ChunkGrid _grid;

    private CaseEntry(string path, SafeFileHandle file, CaseEntryHeader header)
    {
        _path = path;
        _file = file;
        Header = header;
        _grid = new ChunkGrid(header.Geometry.Size);
    }

    /// <summary>What stands before the voxels.</summary>
    public CaseEntryHeader Header { get; }

    /// <summary>Whether it was made anew because the one before was damaged.</summary>
    public bool IsRepaired { get; init; }

    private int Channels => Header.OutsideValues.Length;

    /// <summary>Opens an entry and checks its header and length.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">The key that it must have.</param>
    /// <param name="isRepaired">Whether it was made anew because the one before was damaged.</param>
    /// <exception cref="BrokenEntryException">It is damaged, or another entry's.</exception>
    public static CaseEntry Open(string path, ReadOnlySpan<byte> key, bool isRepaired = false)
    {
        CaseEntryHeader header;
        using (var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete))
            header = CaseEntryHeader.Read(stream, path);
        if (!key.SequenceEqual(header.Key))
            throw new BrokenEntryException(path, "has another entry's key");
        // If another process renames its own entry to this place in between, that has the same bytes.
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.RandomAccess);
        return new CaseEntry(path, file, header) { IsRepaired = isRepaired };
    }

    /// <summary>Copies what a box and a channel of the image have in common.</summary>
    /// <exception cref="BrokenEntryException">A chunk is damaged.</exception>
    public void ReadImage(int channel, PatchPlace place, Size3 size, Span<float> box) => Read(channel, sizeof(float), place, size, box, static (bytes, voxels) =>
        bytes.CopyTo(MemoryMarshal.AsBytes(voxels)));

    /// <summary>Copies what a box and the labels have in common.</summary>
    /// <exception cref="BrokenEntryException">A chunk is damaged.</exception>
    public void ReadLabels(PatchPlace place, Size3 size, Span<int> box)
    {
        if (Header.LabelBytes == 1)
            Read(Channels, 1, place, size, box, static (bytes, labels) =>
            {
                for (var i = 0; i < labels.Length; i++)
                    labels[i] = bytes[i];
            });
        else if (Header.LabelBytes == 2)
            Read(Channels, 2, place, size, box, static (bytes, labels) =>
            {
                var narrow = MemoryMarshal.Cast<byte, short>(bytes);
                for (var i = 0; i < labels.Length; i++)
                    labels[i] = narrow[i];
            });
        else
            Read(Channels, 4, place, size, box, static (bytes, labels) => bytes.CopyTo(MemoryMarshal.AsBytes(labels)));
    }

    /// <summary>Whether every chunk is as it was written.</summary>
    public bool IsSound()
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(ChunkGrid.Voxels * sizeof(float));
        try
        {
            for (var row = 0; row < Header.Chunks.Length; row++)
            {
                int voxelBytes = row < Channels * _grid.Count ? sizeof(float) : Header.LabelBytes;
                if (!Header.Chunks[row].IsUniform)
                    Checked(Header.Chunks[row], bytes.AsSpan(0, (int)_grid.Extents(row % _grid.Count).Count * voxelBytes));
            }

            return true;
        }
        catch (BrokenEntryException)
        {
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private delegate void Unpacker<T>(ReadOnlySpan<byte> bytes, Span<T> voxels);

    private void Read<T>(int channel, int voxelBytes, PatchPlace place, Size3 size, Span<T> box, Unpacker<T> unpack)
        where T : unmanaged
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(ChunkGrid.Voxels * voxelBytes);
        T[] voxels = ArrayPool<T>.Shared.Rent(ChunkGrid.Voxels);
        try
        {
            foreach (int chunk in _grid.Touching(place, size))
            {
                var extents = _grid.Extents(chunk);
                var begin = _grid.Begin(chunk);
                var used = voxels.AsSpan(0, (int)extents.Count);
                var row = Header.Chunks[channel * _grid.Count + chunk];
                if (row.IsUniform)
                    MemoryMarshal.Cast<T, uint>(used).Fill(row.Word);
                else
                    unpack(Checked(row, bytes.AsSpan(0, used.Length * voxelBytes)), used);
                new PatchPlace(place.X - begin.X, place.Y - begin.Y, place.Z - begin.Z).Copy(used, extents, box, size);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
            ArrayPool<T>.Shared.Return(voxels);
        }
    }

    private Span<byte> Checked(CaseEntryChunk row, Span<byte> bytes)
    {
        for (int done = 0, count; done < bytes.Length; done += count)
            if ((count = RandomAccess.Read(_file, bytes[done..], row.Offset + done)) == 0)
                throw new BrokenEntryException(_path, "is cut off");
        return CaseEntryHeader.Checksum(bytes) == row.Word ? bytes
            : throw new BrokenEntryException(_path, $"is damaged in the {bytes.Length} bytes from {row.Offset}");
    }
}
