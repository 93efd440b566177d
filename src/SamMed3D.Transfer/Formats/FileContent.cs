using System.Text;

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
                : VolumeFormats.IsSeries(path) ? FileKind.Volume
                : throw new FileNotFoundException($"{path}: is a folder; expected a checkpoint or a volume.", path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: no such file.", path);
        byte[] start = Checkpoint.ReadStart(path);
        if (Checkpoint.IsPyTorch(start) || ShardedSafetensors.IsIndex(start) || start is [_, _, _, _, _, _, _, _, (byte)'{', ..])
            return FileKind.Checkpoint;
        if (VolumeFormats.Recognises(path, start))
            return FileKind.Volume;
        if (VolumeReaders.Found.Any(reader => reader.CanRead(path)))
            return FileKind.Volume;
        throw BrokenFile.Because(path, Checkpoint.WhyUnrecognised(start).Replace("not a checkpoint", "neither a checkpoint nor a volume", StringComparison.Ordinal));
    }

    /// <summary>What a file of a kind that is not read here is, from its first bytes, such as "an NRRD image"; null where that cannot be told.</summary>
    internal static string? NameOf(byte[] start)
    {
        string text = Encoding.Latin1.GetString(start);
        return text switch
        {
            "" => null,
            _ when text.TrimStart().StartsWith('<') => "a web page; the download failed",
            _ when text.StartsWith("version https://git-lfs", StringComparison.Ordinal) => "a Git LFS pointer; fetch the file itself with 'git lfs pull'",
            _ when text.StartsWith("NRRD000", StringComparison.Ordinal) => "an NRRD image",
            _ when DicomHeaderReader.Recognises(start) => "a DICOM file",
            _ when text.StartsWith("ObjectType", StringComparison.Ordinal) || text.StartsWith("NDims", StringComparison.Ordinal) =>
                "a MetaImage header",
            _ when text.All(letter => letter is >= ' ' and <= '~' or '\n' or '\r' or '\t') => "a text file",
            _ => null,
        };
    }
}
