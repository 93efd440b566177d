namespace SamMed3D.Transfer;

/// <summary>Finds the data file that a header names.</summary>
internal static class DetachedData
{
    /// <summary>The file beside or below the header.</summary>
    /// <exception cref="InvalidDataException">It is missing, or outside of the header's folder: a header must not open other files.</exception>
    public static string Find(string headerPath, string name)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(headerPath))!;
        string path = name.Length == 0 || name.Contains('\0', StringComparison.Ordinal) ? folder
            : Path.GetFullPath(Path.Combine(folder, name.Replace('\\', '/')));
        if (!path.StartsWith(folder.EndsWith(Path.DirectorySeparatorChar) ? folder : folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw BrokenFile.Because(headerPath, $"the data file {BrokenFile.Quote(name)} lies outside the folder of the header, where nothing is opened");
        return File.Exists(path) ? path
            : throw BrokenFile.Because(headerPath, $"the data file is missing: expected {BrokenFile.Quote(name)} beside the header");
    }
}
