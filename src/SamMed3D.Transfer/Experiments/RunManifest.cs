using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>What run.json says: how a run came about, so that it can be understood and repeated.</summary>
public sealed record RunManifest
{
    /// <summary>The experiment's name.</summary>
    public required string Name { get; init; }

    /// <summary>Whether the run came to its end.</summary>
    public bool IsFinished { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>When it ended; null while it runs or when it was stopped.</summary>
    public DateTimeOffset? Finished { get; init; }

    /// <summary>Seed of everything random.</summary>
    public required long Seed { get; init; }

    /// <summary>Where it computed, such as "cpu" or "cuda:0".</summary>
    public required string Device { get; init; }

    /// <summary>Threads of one torch operation.</summary>
    public required int Threads { get; init; }

    /// <summary>SHA-256 of experiment.yaml, lower-case hex.</summary>
    public required string ExperimentSha256 { get; init; }

    /// <summary>Version of this library.</summary>
    public required string Library { get; init; }

    /// <summary>Version of .NET.</summary>
    public required string DotNet { get; init; }

    /// <summary>Version of LibTorch.</summary>
    public required string LibTorch { get; init; }

    /// <summary>The operating system.</summary>
    public required string System { get; init; }

    /// <summary>The commit that the current directory's Git repository is at; null outside of one.</summary>
    public string? GitCommit { get; init; }

    /// <summary>What the run takes of memory, by the estimate before its first step; null where it was stopped before.</summary>
    public MemoryNeed? Memory { get; init; }

    /// <summary>What there was of it on the device then, in bytes; null where that cannot be found out.</summary>
    public long? AvailableMemory { get; init; }

    /// <exception cref="InvalidDataException">The file is no manifest.</exception>
    internal static RunManifest Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<RunManifest>(File.ReadAllBytes(path), RunFolder.Json)
                ?? throw new InvalidDataException($"{path}: expected the manifest of a run, got null.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path}: not the manifest of a run: {error.Message}", error);
        }
    }
}
