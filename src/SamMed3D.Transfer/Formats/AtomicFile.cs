using System.Text;
using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>Writes files that are never seen half-written: a temporary file in the same folder, flushed to disk, then renamed.</summary>
internal static class AtomicFile
{
    /// <summary>How temporary files end, which only a crash leaves behind.</summary>
    public const string TemporaryEnding = ".tmp";

    /// <summary>Writes or replaces a file; when <paramref name="write"/> throws, the old file stays and nothing is left behind.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes the whole content to the stream it is given, which can seek.</param>
    /// <param name="temporaryPath">The temporary file in the same folder, where its name matters; it must not exist.</param>
    public static void Write(string path, Action<Stream> write, string? temporaryPath = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string full = Path.GetFullPath(path);
        string temporary = temporaryPath ?? Temporary(full);
        // Where it cannot be made there is nothing to take back.
        var created = Create(temporary, path);
        try
        {
            using (var stream = created)
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch (IOException reason) when (FullDisk.IsReason(reason))
        {
            File.Delete(temporary);
            throw FullDisk.Error(path, reason);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Writes or replaces a text file in UTF-8 without a byte order mark.</summary>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>Writes or replaces a JSON file, with a line end.</summary>
    public static void WriteJson<T>(string path, T value, JsonSerializerOptions layout) => WriteText(path, JsonSerializer.Serialize(value, layout) + "\n");

    /// <summary>Finds out before long work whether its result can be written.</summary>
    /// <exception cref="InvalidDataException">It cannot; the message has the path and the reason.</exception>
    public static void RequireWritable(string path)
    {
        string temporary = Temporary(Path.GetFullPath(path));
        Create(temporary, path).Dispose();
        File.Delete(temporary);
    }

    private static string Temporary(string full) => $"{full}.{Guid.NewGuid():N}{TemporaryEnding}";

    private static FileStream Create(string temporary, string path)
    {
        if (path.EndsWith(Path.DirectorySeparatorChar) || Directory.Exists(path))
            throw BrokenFile.Because(path, "cannot be written: it is a folder");
        string folder = Path.GetDirectoryName(temporary)!;
        if (!Directory.Exists(folder))
            throw BrokenFile.Because(path, $"cannot be written: there is no folder {folder}");
        try
        {
            return new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16);
        }
        catch (Exception reason) when (reason is UnauthorizedAccessException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw BrokenFile.Because(path, $"cannot be written: {folder} is no place where files can be made", reason);
        }
    }
}
