using System.Diagnostics;
using System.Globalization;

namespace SamMed3D.Transfer.Benchmarks;

/// <summary>Peak resident memory of this process on Linux, which the kernel lets one reset.</summary>
internal static class ProcessMemory
{
    /// <summary>
    /// glibc keeps freed memory, which would count one phase's tensors in the next phase's peak. Unless it was told at its start to
    /// give large blocks back, starts this program again that way and passes on its exit code.
    /// </summary>
    public static int? RestartWithReturningAllocator(string[] arguments)
    {
        const string setting = "MALLOC_MMAP_THRESHOLD_";
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable(setting) is not null)
            return null;
        var start = new ProcessStartInfo(Environment.ProcessPath!);
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment[setting] = "262144";
        start.Environment["MALLOC_TRIM_THRESHOLD_"] = "262144";
        using var child = Process.Start(start)!;
        child.WaitForExit();
        return child.ExitCode;
    }

    /// <summary>Forgets the peak so far.</summary>
    public static void ResetPeak()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        if (OperatingSystem.IsLinux())
            File.WriteAllText("/proc/self/clear_refs", "5");
    }

    /// <summary>The peak since the last reset, in MiB; NaN where the system does not tell.</summary>
    public static double PeakMebibytes()
    {
        if (!OperatingSystem.IsLinux())
            return double.NaN;
        string line = File.ReadLines("/proc/self/status").First(text => text.StartsWith("VmHWM:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
