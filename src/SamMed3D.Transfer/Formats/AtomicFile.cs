namespace SamMed3D.Transfer;

/// <summary>Writes files that are never seen half-written: a temporary file in the same folder, flushed to disk, then renamed.</summary>
internal static class AtomicFile
{
    /// <summary>ENOSPC and EDQUOT of Linux, ERROR_DISK_FULL of Windows.</summary>
    private const int NoSpace = 28, NoQuota = 122, WindowsNoSpace = unchecked((int)0x80070070);

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
        try
        {
            using (var stream = Create(temporary, path))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch (IOException reason) when (reason.HResult is NoSpace or NoQuota or WindowsNoSpace)
        {
            File.Delete(temporary);
            throw new IOException($"{path}: cannot be written: the disk is full; free space there or choose another place.", reason);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Finds out before long work whether its result can be written.</summary>
    /// <exception cref="InvalidDataException">It cannot; the message has the path and the reason.</exception>
    public static void RequireWritable(string path)
    {
        string temporary = Temporary(Path.GetFullPath(path));
        Create(temporary, path).Dispose();
        File.Delete(temporary);
    }

    private static string Temporary(string full) => $"{full}.{Guid.NewGuid():N}.tmp";

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
