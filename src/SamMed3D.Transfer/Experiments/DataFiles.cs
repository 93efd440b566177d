using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>
/// The content of every image and label file of a run's fold, hashed at every start: sizes and times of change are not trusted. A run that goes on does so
/// on the very files that it began with.
/// </summary>
internal static class DataFiles
{
    /// <summary>Writes down what a new run has for data, or holds a run that goes on against what it began with.</summary>
    /// <param name="run">The run.</param>
    /// <param name="cases">All cases of the fold.</param>
    /// <param name="cacheFolder">The cache, which takes the files for what was read here; null for none.</param>
    /// <param name="progress">Told after every case.</param>
    /// <param name="isResumed">Whether the run goes on.</param>
    /// <param name="stop">Stops between files.</param>
    /// <exception cref="InvalidDataException">A file is another one by now, or cases came or went.</exception>
    /// <exception cref="FileNotFoundException">A file is gone.</exception>
    public static void Require(
        RunFolder run, IEnumerable<DatasetCase> cases, string? cacheFolder, IProgress<RunProgress>? progress, bool isResumed, CancellationToken stop)
    {
        var now = Of([.. cases], cacheFolder is null ? null : SourceHashes.Beside(cacheFolder), progress, stop);
        if (!isResumed || !File.Exists(run.DataPath))
            RunFolder.Write(run.DataPath, now);
        else
            RequireEqual(run, Read(run.DataPath), now);
    }

    private static List<DataFile> Of(IReadOnlyList<DatasetCase> cases, SourceHashes? hashes, IProgress<RunProgress>? progress, CancellationToken stop)
    {
        var files = new List<DataFile>();
        for (var index = 0; index < cases.Count; index++)
        {
            var one = cases[index];
            foreach (string path in one.ImagePaths.Concat(one.LabelPath is null ? [] : [one.LabelPath]).SelectMany(SourceFiles.Of))
            {
                stop.ThrowIfCancellationRequested();
                long bytes = new FileInfo(path).Length;
                files.Add(new DataFile(one.Id, path, bytes, (hashes?.Of(path, isRead: true) ?? SourceHashes.Read(path)).ToLowerInvariant()));
            }

            progress?.Report(new RunProgress("hashing", index + 1, cases.Count, "cases", one.Id));
        }

        return files;
    }

    private static void RequireEqual(RunFolder run, IReadOnlyList<DataFile> before, IReadOnlyList<DataFile> now)
    {
        var known = before.ToDictionary(file => file.Path, StringComparer.Ordinal);
        foreach (var file in now)
        {
            if (!known.Remove(file.Path, out var old))
                throw new InvalidDataException(
                    $"{file.Path}: is new since {run.Path} began (case {file.Case}), which would not be the same run any more; take it out, or train anew.");
            if (old.Sha256 != file.Sha256)
                throw new InvalidDataException(
                    $"{file.Path}: was changed since {run.Path} began: it had {old.Bytes} bytes with SHA-256 {old.Sha256}, and has {file.Bytes} with "
                    + $"{file.Sha256}; put it back, or train anew.");
        }

        if (known.Values.FirstOrDefault() is { } gone)
            throw new InvalidDataException($"{gone.Path}: was among the data when {run.Path} began (case {gone.Case}), and is no more; put it back, or train anew.");
    }

    private static List<DataFile> Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<List<DataFile>>(File.ReadAllBytes(path), RunFolder.Json) ?? throw new JsonException("it is null");
        }
        catch (JsonException problem)
        {
            throw new InvalidDataException($"{path}: not the data files of a run: {problem.Message}", problem);
        }
    }
}
