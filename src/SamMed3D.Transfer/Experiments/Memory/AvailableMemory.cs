using System.Globalization;
using System.Runtime.InteropServices;

namespace SamMed3D.Transfer;

/// <summary>What a device has to give: the machine's memory that needs no swapping, within the limits of its control groups, or a card's free memory.</summary>
internal static class AvailableMemory
{
    private const string ControlGroups = "sys/fs/cgroup";

    /// <returns>In bytes; null where it cannot be found out.</returns>
    public static long? Of(Device device) => device.type == DeviceType.CUDA ? OfCard((uint)Math.Max(0, device.index)) : OfMachine();

    /// <summary>The least of what the kernel says and what each control group around this process leaves.</summary>
    /// <param name="root">Where the system's files are; tests have their own.</param>
    internal static long? OfMachine(string root = "/")
    {
        if (!OperatingSystem.IsLinux())
            return GC.GetGCMemoryInfo() is { TotalAvailableMemoryBytes: > 0 and var total } info ? total - info.MemoryLoadBytes : null;
        var found = new List<long>();
        if (Field(Path.Combine(root, "proc/meminfo"), "MemAvailable:") is { } free)
            found.Add(free * 1024);
        foreach (var (folder, limit, used, cached) in Groups(Path.Combine(root, "proc/self/cgroup"), Path.Combine(root, ControlGroups)))
            if (Number(Path.Combine(folder, limit)) is { } most && Number(Path.Combine(folder, used)) is { } now)
                // What files are cached gives way.
                found.Add(most - now + (Field(Path.Combine(folder, "memory.stat"), cached) ?? 0));
        return found.Count > 0 ? Math.Max(0, found.Min()) : null;
    }

    /// <summary>The folder of each group from this process's up to the top, with the names of its files, in version 2 and 1.</summary>
    private static IEnumerable<(string Folder, string Limit, string Used, string Cached)> Groups(string list, string top)
    {
        foreach (string[] parts in Lines(list).Select(line => line.Split(':', 3)).Where(parts => parts.Length == 3))
        {
            bool isSecond = parts is ["0", "", _];
            if (!isSecond && !parts[1].Split(',').Contains("memory"))
                continue;
            string mounted = isSecond ? top : Path.Combine(top, "memory");
            for (string? folder = Path.Combine(mounted, parts[2].Trim('/')); folder?.Length >= mounted.Length; folder = Path.GetDirectoryName(folder))
                yield return isSecond
                    ? (folder, "memory.max", "memory.current", "inactive_file ")
                    : (folder, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file ");
        }
    }

    private static long? OfCard(uint index)
    {
        string library = OperatingSystem.IsWindows() ? "nvml.dll" : "libnvidia-ml.so.1";
        if (!NativeLibrary.TryLoad(library, out nint handle))
            return null;
        try
        {
            return Get<Initialize>("nvmlInit_v2")() == 0
                && Get<Find>("nvmlDeviceGetHandleByIndex_v2")(index, out nint card) == 0
                && Get<Read>("nvmlDeviceGetMemoryInfo")(card, out var memory) == 0
                ? (long)memory.Free : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }

        T Get<T>(string name) => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(handle, name));
    }

    private static string[] Lines(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadAllLines(file) : [];
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static long? Field(string file, string start) => Lines(file).FirstOrDefault(line => line.StartsWith(start, StringComparison.Ordinal)) is { } line
        ? Parsed(line[start.Length..].Replace("kB", "", StringComparison.Ordinal)) : null;

    private static long? Number(string file) => Lines(file) is [var text] ? Parsed(text) : null;

    private static long? Parsed(string text) =>
        long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;

    private delegate int Initialize();

    private delegate int Find(uint index, out nint card);

    private delegate int Read(nint card, out CardMemory memory);

    [StructLayout(LayoutKind.Sequential)]
    private struct CardMemory
    {
        public ulong Total;
        public ulong Free;
        public ulong Used;
    }
}
