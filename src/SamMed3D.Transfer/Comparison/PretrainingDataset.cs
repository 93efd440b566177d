using System.Text.Json;
using System.Text.Json.Serialization;

namespace SamMed3D.Transfer;

/// <summary>A data set that SAM-Med3D's authors trained or validated on, from the published lists; where each fact comes from stands beside it.</summary>
public sealed record PretrainingDataset
{
    private const string Resource = "SamMed3D.Transfer.pretraining-data.json";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    /// <summary>Every published one; the 24 private sets of SA-Med3D-140K are not named anywhere.</summary>
    public static IReadOnlyList<PretrainingDataset> All { get; } = Read();

    /// <summary>Its name in the published list.</summary>
    public required string Name { get; init; }

    /// <summary>Other names in use.</summary>
    public required IReadOnlyList<string> Aliases { get; init; }

    /// <summary>Whether other data go by the same name, as "Liver" does: then a name alone proves nothing.</summary>
    public bool IsAmbiguous { get; init; }

    /// <summary>Words in a data set's reference or description that tell an ambiguous name apart.</summary>
    public IReadOnlyList<string> Hints { get; init; } = [];

    /// <summary>Other data sets whose images it contains.</summary>
    public IReadOnlyList<string> Contains { get; init; } = [];

    /// <summary>CT, MR, ultrasound.</summary>
    public required string Modality { get; init; }

    /// <summary>What is segmented in it, in short.</summary>
    public required IReadOnlyList<string> Targets { get; init; }

    /// <summary>What it was used for.</summary>
    public required PretrainingUse Use { get; init; }

    /// <summary>Where that is published.</summary>
    public required string Source { get; init; }

    /// <summary>What else there is to know; null for nothing.</summary>
    public string? Note { get; init; }

    private static IReadOnlyList<PretrainingDataset> Read()
    {
        using var stream = typeof(PretrainingDataset).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"This build lacks its resource {Resource}.");
        return JsonSerializer.Deserialize<Listing>(stream, Json)!.Datasets;
    }

    private sealed record Listing
    {
        public required string About { get; init; }

        public required IReadOnlyList<PretrainingDataset> Datasets { get; init; }
    }
}
