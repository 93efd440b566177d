using System.Text;

namespace SamMed3D.Transfer;

/// <summary>Knows every format by its first bytes, and writes by the ending of the name.</summary>
internal static class VolumeFormats
{
    private const int StartLength = 512;

    /// <summary>Opens a file or a folder.</summary>
    public static VolumeSource Open(string path, IReadOnlyList<IVolumeReader> readers)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(readers);
        if (Directory.Exists(path))
            return DicomSeries.OpenSeries(path, readers);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: no such file.", path);
        byte[] start = ReadStart(path);
        if (DicomHeaderReader.Recognises(start))
            return DicomSeries.OpenSeries(path, readers);
        string? ending = VolumeEnding.Of(path)?.ToLowerInvariant();
        bool isNifti = NiftiHeaderReader.Recognises(start) || start is [0x1f, 0x8b, ..];
        if (IsNrrd(start) || (ending is ".nrrd" or ".nhdr" && !isNifti))
            return NrrdFile.Open(path);
        if (IsMetaImage(start) || (ending is ".mha" or ".mhd" && !isNifti))
            return MetaImageFile.Open(path);
        return !Recognises(path, start) && readers.FirstOrDefault(reader => reader.CanRead(path)) is { } external
            ? new ExternalVolume(path, external)
            : NiftiFile.Open(path);
    }

    /// <summary>Whether a folder holds DICOM images rather than files that are volumes each.</summary>
    public static bool IsSeries(string folder) => DicomSeries.IsFolderOf(folder);

    /// <summary>Whether a file is an image of a format that this library knows.</summary>
    public static bool Recognises(string path, byte[] start) =>
        DicomHeaderReader.Recognises(start) || IsNrrd(start) || IsMetaImage(start) || start is [0x1f, 0x8b, ..] || NiftiHeaderReader.Recognises(start)
        || path.EndsWith(".img", StringComparison.OrdinalIgnoreCase); // The voxel file of a .hdr and .img pair has no mark of its own.

    /// <summary>Writes voxels in the format that the ending of the name says.</summary>
    /// <exception cref="ArgumentException">The ending is that of no format.</exception>
    public static void Write(WritableVoxels voxels, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        switch (VolumeEnding.Of(path)?.ToLowerInvariant())
        {
            case ".nii" or ".nii.gz": NiftiWriter.Write(voxels, path); break;
            case ".nrrd" or ".nhdr": NrrdWriter.Write(voxels, path); break;
            case ".mha" or ".mhd": MetaImageWriter.Write(voxels, path); break;
            default: throw new ArgumentException($"Expected a file name that ends in {VolumeEnding.Written}, got {path}.", nameof(path));
        }
    }

    /// <summary>The first bytes of a file.</summary>
    public static byte[] ReadStart(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
        byte[] start = new byte[StartLength];
        return start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
    }

    private static bool IsNrrd(byte[] start) => start.AsSpan().StartsWith("NRRD0"u8);

    private static bool IsMetaImage(byte[] start) => MetaImageFile.Recognises(Encoding.Latin1.GetString(start));
}
