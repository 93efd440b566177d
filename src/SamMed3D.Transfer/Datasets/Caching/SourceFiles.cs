namespace SamMed3D.Transfer;

/// <summary>Which files on disk a path of a data set stands for.</summary>
internal static class SourceFiles
{
    private static readonly string[] Pair = [".hdr", ".img", ".hdr.gz", ".img.gz"];

    /// <summary>
    /// The file itself, first; for a folder all files in it; for a NIfTI pair (.hdr and .img) also those beside it that have the same name but
    /// for the ending; for a header that names another file (.nhdr, .mhd, whatever their endings) that file; for a DICOM file its series.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">Its header is damaged, or names a file that is not there.</exception>
    public static IReadOnlyList<string> Of(string path)
    {
        if (Directory.Exists(path))
            return [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        if (Has(path, [".nii", ".nii.gz"]))
            return [path];
        if (!Has(path, Pair))
            return [path, .. VolumeSource.Open(path).Files.Where(other => Path.GetFullPath(other) != Path.GetFullPath(path)).Order(StringComparer.Ordinal)];
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!, stem = Stem(path);
        return !Directory.Exists(folder) ? [path]
            : [path, .. Directory.EnumerateFiles(folder, $"{stem}.*").Where(other => Stem(other) == stem && Path.GetFileName(other) != Path.GetFileName(path))
                .Order(StringComparer.Ordinal)];
    }

    private static bool Has(string path, string[] endings) => Array.Exists(endings, ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    private static string Stem(string path)
    {
        string name = Path.GetFileName(path);
        if (name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
            name = name[..^3];
        return Path.GetFileNameWithoutExtension(name);
    }
}
