using System.Buffers.Binary;

namespace SamMed3D.Transfer;

/// <summary>Tells what a file is from its first bytes, never from its name.</summary>
public static class FileContent
{
    /// <summary>The kind of a file that begins like one this library reads.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is of no known kind; the message has the path and the reason.</exception>
    public static FileKind KindOf(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
            return ShardedSafetensors.HasIndex(path) ? FileKind.Checkpoint
                : throw new FileNotFoundException($"{path}: is a folder; expected a checkpoint or a volume.", path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: no such file.", path);
        byte[] start = Checkpoint.ReadStart(path);
        if (Checkpoint.IsPyTorch(start) || ShardedSafetensors.IsIndex(start) || start is [_, _, _, _, _, _, _, _, (byte)'{', ..])
            return FileKind.Checkpoint;
        if (start is [0x1f, 0x8b, ..] || IsNiftiHeader(start) || path.EndsWith(".img", StringComparison.OrdinalIgnoreCase))
            return FileKind.Volume; // The voxel file of a .hdr and .img pair has no mark of its own.
        throw BrokenFile.Because(path, Checkpoint.WhyUnrecognised(start).Replace("not a checkpoint", "neither a checkpoint nor a volume", StringComparison.Ordinal));
    }

    /// <summary>Whether the first number is the size of a NIfTI-1 or NIfTI-2 header, in either byte order.</summary>
    private static bool IsNiftiHeader(byte[] start) => start.Length >= 4
        && (BinaryPrimitives.ReadInt32LittleEndian(start) is 348 or 540 || BinaryPrimitives.ReadInt32BigEndian(start) is 348 or 540);
}
