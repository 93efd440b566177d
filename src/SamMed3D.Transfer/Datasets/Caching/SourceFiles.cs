namespace SamMed3D.Transfer;

/// <summary>Which files on disk a path of a data set stands for.</summary>
internal static class SourceFiles
{
    private static readonly string[] SingleFiles = [".nii", ".nii.gz", ".nrrd", ".mha"];

    /// <summary>
    /// The file itself; for a folder all files in it; for formats that keep header and voxels apart (.hdr and .img, .nhdr, .mhd) also those
    /// beside it that have the same name but for the ending.
    /// </summary>
    public static IReadOnlyList<string> Of(string path)
    {
        if (Directory.Exists(path))
            return [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!, stem = Stem(path);
        if (SingleFiles.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) || !Directory.Exists(folder))
            return [path];
        return [path, .. Directory.EnumerateFiles(folder, $"{stem}.*").Where(other => Stem(other) == stem && Path.GetFileName(other) != Path.GetFileName(path))
            .Order(StringComparer.Ordinal)];
    }

    private static string Stem(string path)
    {
        string name = Path.GetFileName(path);
        if (name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
            name = name[..^3];
        return Path.GetFileNameWithoutExtension(name);
    }
}
