using System.Globalization;
using System.Runtime.InteropServices;

namespace SamMed3D.Transfer.Benchmarks;

/// <summary>Peak resident memory of this process on Linux, which the kernel lets one reset.</summary>
internal static partial class ProcessMemory
{
    /// <summary>Gives freed memory back to the system, which would count in the next phase's peak, and forgets the peak so far.</summary>
    public static void ResetPeak()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        if (!OperatingSystem.IsLinux())
            return;
        _ = TrimHeap(0);
        File.WriteAllText("/proc/self/clear_refs", "5");
    }

    /// <summary>The peak since the last reset, in MiB; NaN where the system does not tell.</summary>
    public static double PeakMebibytes()
    {
        if (!OperatingSystem.IsLinux())
            return double.NaN;
        string line = File.ReadLines("/proc/self/status").First(text => text.StartsWith("VmHWM:", StringComparison.Ordinal));
        return double.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int TrimHeap(nuint pad);
}
