namespace SamMed3D.Transfer;

/// <summary>
/// Endings of file names. They choose the format of what is written, and tell volumes from other files in a folder; what a file is when it
/// is read, its content says.
/// </summary>
internal static class VolumeEnding
{
    /// <summary>The formats that are written, in words.</summary>
    public const string Written = ".nii, .nii.gz, .nrrd, .nhdr, .mha or .mhd";

    private static readonly string[] All = [".nii.gz", ".nii", ".nrrd", ".nhdr", ".mha", ".mhd"];

    private static readonly string[] Images = [".nii", ".nrrd", ".nhdr", ".mha", ".mhd", ".hdr", ".img", ".dcm", ".gipl", ".vtk", ".tif", ".tiff", ".mnc"];

    /// <summary>The ending of a name as it is spelled there, or nothing where no format has such a one.</summary>
    public static string? Of(string path) =>
        Array.Find(All, ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) is { } found ? path[^found.Length..] : null;

    /// <summary>The path with each other ending; none where it has no ending of a volume.</summary>
    public static IEnumerable<string> Others(string path) => Of(path) is not { } own ? []
        : All.Where(ending => !ending.Equals(own, StringComparison.OrdinalIgnoreCase)).Select(ending => path[..^own.Length] + ending);

    /// <summary>The name without the ending of an image, if it has one.</summary>
    public static string Without(string name)
    {
        string plain = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name;
        return Array.Find(Images, ending => plain.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) is { } found ? plain[..^found.Length] : plain;
    }
}
