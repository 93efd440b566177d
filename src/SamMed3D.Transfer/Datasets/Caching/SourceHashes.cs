using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SamMed3D.Transfer;

/// <summary>
/// SHA-256 of source files, remembered so that a start need not read every image: one small text file for each source file holds its path, size,
/// time of last change and hash. While size and time are the same, the content is taken to be the same; a training and the command
/// that fills a cache read the files all the same, and mend what is remembered. What was changed within the last two seconds is not remembered:
/// it could change again within the resolution of the file system's clock.
/// </summary>
internal sealed class SourceHashes(string folder)
{
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(2);

    /// <summary>Those of a cache.</summary>
    public static SourceHashes Beside(string cacheFolder) => new(Path.Combine(cacheFolder, "sources"));

    /// <summary>How many files were read, rather than remembered.</summary>
    public int FilesRead { get; private set; }

    /// <summary>What a file is known by besides its content.</summary>
    public static (long Bytes, long ChangedTicks) StateOf(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? (file.Length, file.LastWriteTimeUtc.Ticks) : throw new FileNotFoundException($"{path}: no such file.", path);
    }

    /// <summary>The hash of a file's content, in hexadecimal.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isRead">Reads the file whatever is remembered.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public string Of(string path, bool isRead = false)
    {
        string full = Path.GetFullPath(path);
        var state = StateOf(path);
        string memory = Path.Combine(folder, $"{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(full)))[..32]}.txt");
        string known = string.Create(CultureInfo.InvariantCulture, $"{full}\n{state.Bytes}\n{state.ChangedTicks}\n");
        string? before = Remembered(memory, known);
        if (!isRead && before is { } remembered)
            return remembered;
        string hash = Read(path);
        FilesRead++;
        if (hash != before && state == StateOf(path) && DateTime.UtcNow.Ticks - state.ChangedTicks > Settled.Ticks)
        {
            Directory.CreateDirectory(folder);
            AtomicFile.Write(memory, stream => stream.Write(Encoding.UTF8.GetBytes($"{known}{hash}\n")));
        }

        return hash;
    }

    /// <summary>The same, with nothing remembered.</summary>
    public static string Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.SequentialScan);
        return Convert.ToHexString(SHA256.HashData(stream));
    }

    private static string? Remembered(string memory, string known)
    {
        try
        {
            string text = File.ReadAllText(memory);
            string? hash = text.StartsWith(known, StringComparison.Ordinal) ? text[known.Length..].TrimEnd('\n') : null;
            return hash is { Length: 64 } && hash.All(char.IsAsciiHexDigitUpper) ? hash : null;
        }
        catch (IOException)
        {
            return null; // Not there yet, or just being replaced: it is read again then.
        }
    }
}
