namespace SamMed3D.Transfer;

/// <summary>Says in one line which file a full disk kept from being written; .NET names another one, or none.</summary>
internal static class FullDisk
{
    /// <summary>ENOSPC, EDQUOT and EFBIG of Linux, ERROR_DISK_FULL of Windows.</summary>
    private const int NoSpace = 28, NoQuota = 122, TooLarge = 27, WindowsNoSpace = unchecked((int)0x80070070);

    /// <summary>Whether an error says that there was no room.</summary>
    public static bool IsReason(IOException error) => error.HResult is NoSpace or NoQuota or TooLarge or WindowsNoSpace;

    /// <summary>The error that a person sees.</summary>
    public static IOException Error(string path, IOException reason) =>
        new($"{path}: cannot be written: the disk is full; free space there or choose another place.", reason);

    /// <summary>Does what writes to a file.</summary>
    /// <exception cref="IOException">There is no room; the message has the file.</exception>
    public static void Named(string path, Action write)
    {
        try
        {
            write();
        }
        catch (IOException reason) when (IsReason(reason))
        {
            throw Error(path, reason);
        }
    }
}
