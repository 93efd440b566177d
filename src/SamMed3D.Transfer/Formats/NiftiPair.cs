namespace SamMed3D.Transfer;

/// <summary>Finds the other file of a .hdr and .img pair.</summary>
internal static class NiftiPair
{
    /// <summary>The file with the header: the one named, unless that is the .img of a pair.</summary>
    public static string HeaderOf(string path)
    {
        if (Stem(path, ".img") is not { } stem)
            return path;
        using (var reader = new InflatingReader(path))
        {
            Span<byte> start = stackalloc byte[348];
            int count = reader.Read(start);
            if (count == start.Length && NiftiHeaderReader.Recognises(start) && start[344..347].SequenceEqual("n+1"u8))
                return path;
        }
        return Find(stem, ".hdr")
            ?? throw BrokenFile.Because(path, $"the header of this .img is missing: expected {Path.GetFileName(stem)}.hdr beside it");
    }

    /// <summary>The file with the voxels of a header that says they are in a second file.</summary>
    public static string VoxelsOf(string path, string headerPath)
    {
        string stem = Stem(headerPath, ".hdr")
            ?? throw BrokenFile.Because(path, "the magic (ni1 or ni2) promises a pair of .hdr and .img files, but this is not named .hdr");
        return Find(stem, ".img")
            ?? throw BrokenFile.Because(path, $"the voxels are missing: expected {Path.GetFileName(stem)}.img beside it");
    }

    private static string? Find(string stem, string extension)
    {
        string[] endings = [extension, extension + ".gz", extension.ToUpperInvariant(), extension.ToUpperInvariant() + ".GZ"];
        return endings.Select(ending => stem + ending).FirstOrDefault(File.Exists);
    }

    private static string? Stem(string path, string extension)
    {
        string name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        return name.EndsWith(extension, StringComparison.OrdinalIgnoreCase) ? name[..^extension.Length] : null;
    }
}
