namespace SamMed3D.Transfer;

/// <summary>Reads the checked-out commit from the files of a Git repository, without running git.</summary>
internal static class GitState
{
    /// <returns>The commit's hash, or null where there is no repository or its files are of an unknown form.</returns>
    public static string? Commit(string folder)
    {
        for (var parent = new DirectoryInfo(Path.GetFullPath(folder)); parent is not null; parent = parent.Parent)
        {
            string git = Path.Combine(parent.FullName, ".git");
            if (File.Exists(git)) // A worktree: "gitdir: <path>".
                git = Path.Combine(parent.FullName, File.ReadAllText(git).Replace("gitdir:", "", StringComparison.Ordinal).Trim());
            if (Directory.Exists(git))
                return Head(git);
        }

        return null;
    }

    private static string? Head(string git)
    {
        string file = Path.Combine(git, "HEAD");
        string head = File.Exists(file) ? File.ReadAllText(file).Trim() : "";
        if (!head.StartsWith("ref:", StringComparison.Ordinal))
            return head.Length == 0 ? null : head;
        string name = head[4..].Trim();
        string commonFile = Path.Combine(git, "commondir");
        string common = File.Exists(commonFile) ? Path.Combine(git, File.ReadAllText(commonFile).Trim()) : git;
        string loose = Path.Combine(common, name);
        if (File.Exists(loose))
            return File.ReadAllText(loose).Trim();
        string packed = Path.Combine(common, "packed-refs");
        return !File.Exists(packed) ? null : File.ReadLines(packed)
            .FirstOrDefault(line => line.EndsWith(" " + name, StringComparison.Ordinal))?.Split(' ')[0];
    }
}
