namespace SamMed3D.Transfer;

/// <summary>Writes files that are never seen half-written: a temporary file in the same folder, flushed to disk, then renamed.</summary>
internal static class AtomicFile
{
    /// <summary>Writes or replaces a file; when <paramref name="write"/> throws, the old file stays and nothing is left behind.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes the whole content to the stream it is given, which can seek.</param>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string full = Path.GetFullPath(path);
        string temporary = $"{full}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
