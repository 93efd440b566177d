namespace SamMed3D.Transfer;

/// <summary>Where a cleaning writes: a folder that appears whole, or files beside one label file.</summary>
internal sealed class CleaningTarget
{
    private readonly CleaningSource _source;
    private readonly string _output;

    /// <exception cref="InvalidDataException">The output is there already, lies in the input, or cannot be written.</exception>
    public CleaningTarget(CleaningSource source, string output)
    {
        _source = source;
        _output = source.IsFile ? Path.GetFullPath(output) : Resolved(output);
        if (source.IsFile)
            RequireNewFile(output);
        else
            RequireNewFolder(output);
    }

    public string CsvIn(string folder) => Path.Combine(folder, _source.IsFile ? $"{Stem}-{CleaningRun.CsvName}" : CleaningRun.CsvName);

    public string JsonIn(string folder) => Path.Combine(folder, _source.IsFile ? $"{Stem}-{CleaningRun.JsonName}" : CleaningRun.JsonName);

    public string LabelIn(string folder, CleaningItem item)
    {
        if (_source.IsFile)
            return _output;
        return Path.Combine(folder, item.LabelTarget!);
    }

    /// <summary>Lets a folder be filled and gives it its name when that is done; what fails leaves nothing.</summary>
    /// <exception cref="InvalidDataException">Meanwhile something else was written there.</exception>
    public void Write(Action<string> fill)
    {
        string parent = Path.GetDirectoryName(_output)!;
        if (_source.IsFile)
        {
            fill(parent);
            return;
        }

        string partial = Path.Combine(parent, $".{Path.GetFileName(_output)}.{Guid.NewGuid():N}.partial");
        Directory.CreateDirectory(partial);
        try
        {
            fill(partial);
            TakeName(partial);
        }
        catch
        {
            Directory.Delete(partial, recursive: true);
            throw;
        }
    }

    /// <summary>The output is still an empty folder or none, or another run was faster.</summary>
    private void TakeName(string partial)
    {
        try
        {
            if (Directory.Exists(_output))
                Directory.Delete(_output);
            Directory.Move(partial, _output);
        }
        catch (IOException) when (Directory.Exists(_output) && Directory.EnumerateFileSystemEntries(_output).Any())
        {
            throw new InvalidDataException($"{_output}: was empty or not there when this run began, and now has files, perhaps of another run that was faster; they stay. Choose another output.");
        }
    }

    /// <summary>Folders that killed runs with this output left half-made.</summary>
    public static IReadOnlyList<string> Remains(string output)
    {
        string full = Resolved(output);
        return Path.GetDirectoryName(full) is { } parent && Directory.Exists(parent)
            ? [.. Directory.EnumerateDirectories(parent, $".{Path.GetFileName(full)}.*.partial").Order(StringComparer.Ordinal)]
            : [];
    }

    /// <summary>A copy, not a hard link: who changes the one later must not change the other.</summary>
    public static void Copy(string source, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        AtomicFile.Write(target, stream =>
        {
            using var from = File.OpenRead(source);
            from.CopyTo(stream);
        });
    }

    private string Stem
    {
        get
        {
            string name = Path.GetFileName(_output);
            return VolumeEnding.Of(name) is { } ending ? name[..^ending.Length] : name;
        }
    }

    private void RequireNewFile(string output)
    {
        if (VolumeEnding.Of(output) is null)
            throw new InvalidDataException($"{output}: expected a file name that ends in {VolumeEnding.Written}, as the input is one label file.");
        string folder = Path.GetDirectoryName(_output)!;
        foreach (string file in new[] { _output, CsvIn(folder), JsonIn(folder) })
            if (Path.Exists(file))
                throw new InvalidDataException($"{file}: is there already; choose another output.");
        AtomicFile.RequireWritable(_output);
    }

    private void RequireNewFolder(string output)
    {
        if (new DirectoryInfo(_output).LinkTarget is { } target && !DatasetFiles.IsThere(_output))
            throw new InvalidDataException($"{output}: is a link to {target}, which is not there; make that folder, or choose another output.");
        string input = Resolved(_source.Path);
        if (_output == input || IsBelow(_output, input) || IsBelow(input, _output))
            throw new InvalidDataException($"{output}: lies in the input {_source.Path} or holds it; choose a folder of its own.");
        if (File.Exists(_output) || (Directory.Exists(_output) && Directory.EnumerateFileSystemEntries(_output).Any()))
            throw new InvalidDataException($"{output}: is there already and not an empty folder; choose another output.");
        if (Path.GetDirectoryName(_output) is not { } parent || !Directory.Exists(parent))
            throw new InvalidDataException($"{output}: cannot be written: there is no folder {Path.GetDirectoryName(_output)}.");
        AtomicFile.RequireWritable(_output + ".probe");
    }

    /// <summary>
    /// The folder that a path leads to, over links too: a new folder must not take the place of a link. Where a link leads nowhere, the path of the
    /// link.
    /// </summary>
    private static string Resolved(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Path.GetDirectoryName(full) is not { } parent)
            return full;
        full = Path.Combine(Resolved(parent), Path.GetFileName(full));
        return Directory.Exists(full) && Directory.ResolveLinkTarget(full, returnFinalTarget: false) is { } target ? Resolved(target.FullName) : full;
    }

    private static bool IsBelow(string path, string folder) => path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
