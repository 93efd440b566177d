using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace SamMed3D.Transfer.Cli;

/// <summary>What the operating system tells without torch. Everything that cannot be found out is null.</summary>
internal static partial class MachineFacts
{
    /// <summary>Such as "Debian GNU/Linux 12 (bookworm)".</summary>
    public static string OperatingSystem =>
        Field("/etc/os-release", "PRETTY_NAME=")?.Trim('"') ?? RuntimeInformation.OSDescription;

    public static string? Processor => Field("/proc/cpuinfo", "model name")?.TrimStart(' ', '\t', ':');

    /// <summary>Version of the GNU C library.</summary>
    public static string? Glibc
    {
        get
        {
            if (!System.OperatingSystem.IsLinux() || !NativeLibrary.TryLoad("libc.so.6", out nint library))
                return null;
            return NativeLibrary.TryGetExport(library, "gnu_get_libc_version", out nint function)
                ? Marshal.PtrToStringAnsi(Marshal.GetDelegateForFunctionPointer<TextFunction>(function)())
                : null;
        }
    }

    /// <summary>The newest GLIBCXX version that the system's libstdc++ offers.</summary>
    public static string? NewestLibStdCxx(string path) => !File.Exists(path) ? null : LibStdCxxVersion()
        .Matches(Encoding.Latin1.GetString(File.ReadAllBytes(path)))
        .Select(match => Version.Parse(match.Groups[1].Value))
        .Max() is { } version ? $"GLIBCXX_{version}" : null;

    /// <summary>NVIDIA cards that the driver lists.</summary>
    public static IReadOnlyList<string> NvidiaCards => !Directory.Exists("/proc/driver/nvidia/gpus") ? [] :
        [.. Directory.EnumerateDirectories("/proc/driver/nvidia/gpus").Order(StringComparer.Ordinal)
            .Select(folder => Field(Path.Combine(folder, "information"), "Model:")?.Trim() ?? Path.GetFileName(folder))];

    /// <summary>Memory that can be had without swapping, in bytes.</summary>
    public static long? AvailableMemory =>
        Field("/proc/meminfo", "MemAvailable:") is { } text
        && long.TryParse(text.Replace("kB", "", StringComparison.Ordinal).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long kibibytes)
            ? kibibytes * 1024 : null;

    /// <summary>Memory of the machine, or of the container where that is less, in bytes.</summary>
    public static long TotalMemory => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    private static string? Field(string file, string start) => !File.Exists(file) ? null :
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith(start, StringComparison.Ordinal))?[start.Length..];

    [GeneratedRegex(@"GLIBCXX_(\d+\.\d+(?:\.\d+)?)\0")]
    private static partial Regex LibStdCxxVersion();

    private delegate nint TextFunction();
}
