using System.Security.Cryptography;
using System.Text;

namespace SamMed3D.Transfer;

/// <summary>
/// Preprocessed cases in a folder, one file each, from which patches are read without the rest of the case. An entry is named by the SHA-256 of
/// what it was made from: the preprocessing and its version, and the content of the source files. So it never has to be declared out of date:
/// other options or other images are another entry. Several processes may use a folder at once; entries appear whole or not at all, and what is
/// found damaged is built anew. Nothing is ever deleted but forgotten temporary files: to free the space, delete the folder.
/// </summary>
public sealed class CaseCache
{
    private readonly CasePreprocessor _preprocessor;
    private readonly SourceHashes _hashes;
    private readonly Dictionary<DatasetCase, Sources> _known = [];
    private readonly object _gate = new();

    /// <summary>Opens or makes the folder, and clears away what killed processes left.</summary>
    /// <param name="folder">The cache's folder; it is made where it is missing.</param>
    /// <param name="preprocessor">Makes the cases that are not there yet.</param>
    /// <exception cref="InvalidDataException">The folder cannot be made.</exception>
    public CaseCache(string folder, CasePreprocessor preprocessor)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(preprocessor);
        _preprocessor = preprocessor;
        Folder = folder;
        _hashes = SourceHashes.Beside(folder);
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException)
        {
            throw BrokenFile.Because(folder, $"cannot be the cache's folder: {reason.Message}", reason);
        }

        TemporaryEntries.Clear(folder);
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>Entries made so far because there were none.</summary>
    public int Built { get; private set; }

    /// <summary>Entries made anew because they were damaged.</summary>
    public int Repaired { get; private set; }

    /// <summary>Source files read to learn their hash; the others were remembered from an earlier start, since size and time are the same.</summary>
    public int SourcesRead => _hashes.FilesRead;

    /// <summary>The file that holds a case, or will.</summary>
    /// <exception cref="FileNotFoundException">A source file is missing.</exception>
    public string PathOf(DatasetCase one)
    {
        ArgumentNullException.ThrowIfNull(one);
        lock (_gate)
            return PathOf(SourcesOf(one).Key);
    }

    /// <summary>Opens an entry, which is made where it is missing or damaged; the caller owns it.</summary>
    /// <param name="one">The case.</param>
    /// <param name="isDamaged">Whether a chunk of the entry was found damaged, which opening does not show.</param>
    /// <exception cref="InvalidDataException">The case cannot be preprocessed.</exception>
    internal CaseEntry Open(DatasetCase one, bool isDamaged = false)
    {
        lock (_gate)
        {
            var sources = SourcesOf(one);
            string path = PathOf(sources.Key);
            bool isThere = File.Exists(path);
            if (isThere && !isDamaged)
                try
                {
                    return CaseEntry.Open(path, sources.Key);
                }
                catch (BrokenEntryException)
                {
                    // It is replaced below.
                }
                catch (FileNotFoundException)
                {
                    isThere = false;
                }

            Build(one, sources, path);
            (Built, Repaired) = isThere ? (Built, Repaired + 1) : (Built + 1, Repaired);
            try
            {
                return CaseEntry.Open(path, sources.Key, isRepaired: isDamaged);
            }
            catch (BrokenEntryException reason)
            {
                throw new InvalidDataException($"{reason.Message} It was just written: is the disk sound?", reason);
            }
        }
    }

    /// <summary>
    /// Makes sure that a case is there and sound to its last byte: source files are read for their hash whatever their time of change, and every chunk
    /// is held against its checksum.
    /// </summary>
    /// <exception cref="InvalidDataException">The case cannot be preprocessed.</exception>
    internal void Ensure(DatasetCase one)
    {
        lock (_gate)
            SourcesOf(one, areRead: true);
        using var entry = Open(one);
        if (!entry.IsSound())
            Open(one, isDamaged: true).Dispose();
    }

    private void Build(DatasetCase one, Sources sources, string path)
    {
        RequireUnchanged(one, sources);
        using var prepared = _preprocessor.Open(one);
        RequireUnchanged(one, sources);
        AtomicFile.Write(path, stream => CaseEntryWriter.Write(stream, prepared, sources.Key), TemporaryEntries.NameFor(path));
    }

    private string PathOf(byte[] key) => Path.Combine(Folder, $"{Convert.ToHexString(key)}.case");

    /// <summary>A run takes each case as it was when it first asked for it.</summary>
    private Sources SourcesOf(DatasetCase one, bool areRead = false)
    {
        if (_known.TryGetValue(one, out var known))
            return known;
        var text = new StringBuilder($"entry {CaseEntryHeader.Version}\n{_preprocessor.Recipe}");
        var states = new List<(string, (long, long))>();
        foreach (var (role, path) in (IEnumerable<(string, string)>)
            [.. one.ImagePaths.Select(path => ("image", path)), .. one.LabelPath is { } labels ? [("labels", labels)] : Array.Empty<(string, string)>()])
        {
            text.Append(role).Append('\n');
            foreach (string file in SourceFiles.Of(path))
            {
                states.Add((file, SourceHashes.StateOf(file)));
                text.Append(_hashes.Of(file, areRead)).Append('\n');
            }
        }

        return _known[one] = new Sources(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())), states);
    }

    private static void RequireUnchanged(DatasetCase one, Sources sources)
    {
        foreach (var (file, state) in sources.States)
            if (SourceHashes.StateOf(file) != state)
                throw new InvalidDataException($"{file}: changed while case {one.Id} was in use; start again.");
    }

    private sealed record Sources(byte[] Key, IReadOnlyList<(string File, (long Bytes, long ChangedTicks) State)> States);
}
