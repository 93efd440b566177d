namespace SamMed3D.Transfer;

/// <summary>
/// Reads what the library has no reader of its own for: DICOM, and any other format. Those of the library are
/// <see cref="ItkReader"/> and <see cref="Dcm2niixReader"/>; who has SimpleITK or another toolkit puts it behind this interface and passes it to
/// <c>Volume.Open(path, readers)</c> or <see cref="VolumeSource.Open"/>.
/// </summary>
public interface IVolumeReader
{
    /// <summary>What people call it, such as "ITK 5.2.1".</summary>
    string Name { get; }

    /// <summary>Whether it takes such a file, by its content. It is asked only where the library itself does not know the file.</summary>
    bool CanRead(string file);

    /// <summary>Reads an image; the caller owns it.</summary>
    /// <param name="files">One file; or the slices of one DICOM series, each once, in the order of their places along the slice normal.</param>
    /// <param name="limitBytes">Volumes that would take more memory than this are to be refused.</param>
    /// <returns>The values, scaled as the files say, with the affine in mm, RAS+ (ITK's own directions are LPS).</returns>
    /// <exception cref="InvalidDataException">The files cannot be read; the message has a path and the reason.</exception>
    Volume Read(IReadOnlyList<string> files, long limitBytes);
}
