using System.Diagnostics;
using System.Text.Json;

namespace SamMed3D.Transfer.Tests;

public sealed class CacheCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_experiment_is_cached_once()
    {
        string config = Experiment(cases: 5, size: new(24, 20, 16));
        var first = JsonDocument.Parse(Run(config, "--json").Out).RootElement;
        Assert.Equal((5, 5, 0), (first.GetProperty("cases").GetInt32(), first.GetProperty("built").GetInt32(), first.GetProperty("repaired").GetInt32()));
        var second = Run(config);
        Assert.Contains("5 cases", second.Out, StringComparison.Ordinal);
        Assert.Contains("0 made, 0 repaired, 5 sound before", second.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_byte_of_an_entry_is_found_and_mended()
    {
        string config = Experiment(cases: 5, size: new(24, 20, 16));
        Run(config);
        string entry = Directory.GetFiles(_folder.File("cache"), "*.case").Order(StringComparer.Ordinal).First();
        byte[] sound = File.ReadAllBytes(entry), broken = [.. sound];
        broken[^1] ^= 4;
        File.WriteAllBytes(entry, broken);
        Assert.Contains("0 made, 1 repaired, 4 sound before", Run(config).Out, StringComparison.Ordinal);
        Assert.Equal(sound, File.ReadAllBytes(entry));
    }

    [Fact]
    public void A_source_that_was_changed_without_a_trace_in_size_and_time_is_another_entry()
    {
        string config = Experiment(cases: 5, size: new(24, 20, 16));
        string label = Directory.GetFiles(_folder.File("data/labelsTr")).Order(StringComparer.Ordinal).First();
        using (var labels = LabelVolume.Open(label))
        {
            File.Delete(label);
            labels.Save(_folder.File("plain.nii"));
        }

        byte[] bytes = File.ReadAllBytes(_folder.File("plain.nii")); // Content counts, not the name.
        Written(bytes);
        Run(config);
        bytes[^1] = 1;
        Written(bytes);
        Assert.Contains("1 made, 0 repaired, 4 sound before", Run(config).Out, StringComparison.Ordinal);

        void Written(byte[] content)
        {
            File.WriteAllBytes(label, content);
            File.SetLastWriteTimeUtc(label, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        }
    }

    [Fact]
    public void Without_a_cache_in_the_experiment_one_line_says_what_to_do()
    {
        string config = Experiment(cases: 5, size: new(24, 20, 16));
        var refused = Run(config, "--set", "data.cache=null");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("data.cache=.cache", Assert.Single(refused.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void Processes_killed_while_caching_and_two_at_once_end_in_the_same_bytes_as_one_left_alone()
    {
        const int Cases = 12;
        string config = Experiment(Cases, new(64, 60, 48)), cache = _folder.File("cache");
        var cutShort = new List<int>();
        foreach (int entries in (int[])[0, 2, 5])
        {
            using var process = Start(config);
            // Killed as soon as there is a file in the making, or so many are there: at an arbitrary moment.
            while (!process.HasExited && !(Count(cache, "*.tmp") > 0 && Count(cache, "*.case") >= entries))
                Thread.Yield();
            process.Kill();
            process.WaitForExit();
            cutShort.Add(Count(cache, "*.case"));
        }

        Assert.Contains(cutShort, entries => entries < Cases);
        using (Process one = Start(config), other = Start(config))
        {
            one.WaitForExit();
            other.WaitForExit();
            Assert.Equal((0, 0), (one.ExitCode, other.ExitCode));
        }

        string alone = _folder.File("alone");
        Assert.Equal(0, Run(config, "--set", $"data.cache={alone}").ExitCode);
        string[] names = [.. Directory.GetFiles(alone, "*.case").Select(path => Path.GetFileName(path)).Order()];
        Assert.Equal(Cases, names.Length);
        Assert.Equal(names, Directory.GetFiles(cache, "*.case").Select(path => Path.GetFileName(path)).Order());
        Assert.All(names, name => Assert.Equal(File.ReadAllBytes(Path.Combine(alone, name)), File.ReadAllBytes(Path.Combine(cache, name))));

        // What the killed ones left lies still for a while, and is then cleared away.
        foreach (string left in Directory.GetFiles(cache, "*.tmp"))
            File.SetLastWriteTimeUtc(left, DateTime.UtcNow.AddMinutes(-5));
        Assert.Equal(0, Run(config).ExitCode);
        Assert.Equal(0, Count(cache, "*.tmp"));
    }

    private static int Count(string folder, string pattern) => Directory.Exists(folder) ? Directory.GetFiles(folder, pattern).Length : 0;

    private static CommandLine Run(string config, params string[] more) => CommandLine.Run(["cache", config, .. more]);

    /// <summary>The command line as a process of its own.</summary>
    private static Process Start(string config)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "sammed3d.dll"), "cache", config },
            Environment = { ["OMP_NUM_THREADS"] = "1" },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private string Experiment(int cases, Size3 size)
    {
        string data = _folder.File("data");
        SyntheticAnatomy.Write(data, new SyntheticAnatomyOptions { TrainingCases = cases, TestCases = 1, Size = size });
        foreach (string path in Directory.GetFiles(data, "*.nii.gz", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(path, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        return _folder.Write("experiment.yaml", $"""
            name: cached
            data:
              root: {data}
              cache: {_folder.File("cache")}
              preprocessing:
                normalization: z-score
            """);
    }
}
