using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace SamMed3D.Transfer;

/// <summary>Temporary files of a cache: each names its process, so that one left by a killed process is known as such and cleared away.</summary>
internal static partial class TemporaryEntries
{
    // A process in a container of the same machine name may not be seen here, so its file must lie still for a while too.
    private static readonly TimeSpan StillAfterDeath = TimeSpan.FromMinutes(1), StillAnywhere = TimeSpan.FromDays(1);

    /// <summary>A name for the temporary file of an entry.</summary>
    public static string NameFor(string path) => string.Create(
        CultureInfo.InvariantCulture, $"{path}.{Machine}-{Environment.ProcessId}-{Guid.NewGuid():N}.tmp");

    /// <summary>Deletes what a process of this machine left a minute ago or longer when it ended, and anything that was left for a day.</summary>
    public static void Clear(string folder)
    {
        foreach (string path in Directory.EnumerateFiles(folder, "*.tmp", SearchOption.AllDirectories))
        {
            var still = DateTime.UtcNow - File.GetLastWriteTimeUtc(path);
            var name = Pattern().Match(path);
            bool isOrphan = name.Success && name.Groups["machine"].Value == Machine && !IsRunning(name.Groups["process"].Value);
            if (still > StillAnywhere || (isOrphan && still > StillAfterDeath))
                TryDelete(path);
        }
    }

    private static string Machine => string.Concat(Environment.MachineName.Where(char.IsAsciiLetterOrDigit));

    private static bool IsRunning(string processId)
    {
        try
        {
            using var process = Process.GetProcessById(int.Parse(processId, CultureInfo.InvariantCulture));
            return !process.HasExited;
        }
        catch (Exception reason) when (reason is ArgumentException or OverflowException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Another process may be clearing up as well.</summary>
    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException)
        {
            // It stays, and does no harm.
        }
    }

    [GeneratedRegex(@"\.(?<machine>[A-Za-z0-9]*)-(?<process>\d+)-[0-9a-f]{32}\.tmp$")]
    private static partial Regex Pattern();
}
