namespace SamMed3D.Transfer;

/// <summary>Keeps a run folder for one process: a file that is open, and locked by the system, as long as the process works. A crash lets go of it.</summary>
internal sealed class RunLock : IDisposable
{
    private readonly FileStream _held;

    private RunLock(FileStream held) => _held = held;

    /// <summary>Takes a folder.</summary>
    /// <param name="path">The lock's file.</param>
    /// <param name="folder">What is locked, for the message.</param>
    /// <exception cref="InvalidOperationException">Another process, or this one, has it.</exception>
    public static RunLock Take(string path, string folder)
    {
        while (true)
        {
            RunLock taken;
            try
            {
                // On Unix this is flock, on Windows the file's sharing.
                taken = new RunLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose));
            }
            catch (IOException reason) when (reason is not (FileNotFoundException or DirectoryNotFoundException) && !FullDisk.IsReason(reason))
            {
                throw new InvalidOperationException($"{folder}: is being trained by another process; wait until it has ended, or stop it.", reason);
            }

            // Between opening and locking, the one who had it may have taken the file away.
            if (File.Exists(path))
                return taken;
            taken.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _held.Dispose();
}
