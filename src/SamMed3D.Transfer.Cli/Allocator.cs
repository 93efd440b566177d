using System.Runtime.InteropServices;

namespace SamMed3D.Transfer.Cli;

/// <summary>
/// glibc gives large blocks straight back to the system, and gets them back page by page, filled with zeros: for tensors that come and go a
/// thousand times a second this costs more than the arithmetic. A program (never the library) may tell it to keep them.
/// </summary>
internal static partial class Allocator
{
    private const int TrimThreshold = -1, TopPad = -2, MmapThreshold = -3;

    // Activations of a training step are smaller, whole scans of 512^3 voxels larger: kept, they would leave holes that nothing else fits into.
    private const int Largest = 384 << 20;

    /// <summary>Keeps freed memory for this process. Does nothing where the C library is another, or was told otherwise by the user.</summary>
    public static void KeepFreedMemory()
    {
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable("MALLOC_MMAP_THRESHOLD_") is not null)
            return;
        try
        {
            _ = SetOption(MmapThreshold, Largest);
            _ = SetOption(TrimThreshold, int.MaxValue);
            _ = SetOption(TopPad, 64 << 20);
        }
        catch (Exception reason) when (reason is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another C library (musl): its own ways are fine.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
