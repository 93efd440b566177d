namespace SamMed3D.Transfer.Tests;

/// <summary>Where a test finds the repository's files and, when they are there, the larger golden cases and data beside it.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>Small golden cases that travel with the repository.</summary>
    public static string Golden(string relative) => Path.Combine(Root, "tests", "Golden", relative);

    /// <summary>A file or folder beside the repository, or a skip that says what is missing.</summary>
    public static string Shared(string relative)
    {
        string path = Path.Combine(Root, "..", "shared", relative);
        Skip.IfNot(Path.Exists(path), $"needs ../shared/{relative}, which is not part of the repository");
        return path;
    }

    private static string Find(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "SamMed3D.Transfer.sln")))
                return folder.FullName;
        throw new InvalidOperationException($"No SamMed3D.Transfer.sln above {start}.");
    }
}
