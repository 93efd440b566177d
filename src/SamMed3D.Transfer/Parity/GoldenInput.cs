namespace SamMed3D.Transfer;

/// <summary>Where the inputs of golden cases lie: those that start with data/ in the folder that holds both data and golden.</summary>
internal static class GoldenInput
{
    /// <summary>The path of an input, which need not exist.</summary>
    /// <param name="folder">The folder of the case.</param>
    /// <param name="relative">As the description has it.</param>
    public static string Locate(string folder, string relative)
    {
        if (!relative.StartsWith("data/", StringComparison.Ordinal))
            return Path.Combine(folder, relative);
        DirectoryInfo? golden = new(Path.GetFullPath(folder));
        while (golden is not null && !string.Equals(golden.Name, "golden", StringComparison.OrdinalIgnoreCase))
            golden = golden.Parent;
        return Path.Combine(golden?.Parent?.FullName ?? folder, relative);
    }
}
