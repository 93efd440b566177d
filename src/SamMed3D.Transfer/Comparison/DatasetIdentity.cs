using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>What a data set says of itself, to find out whether weights have seen it.</summary>
public sealed record DatasetIdentity
{
    private static readonly string[] ReferenceKeys = ["reference", "description"];

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Name of its folder; empty where there is none.</summary>
    public string Folder { get; init; } = "";

    /// <summary>Its reference and description; empty where it has none.</summary>
    public string Reference { get; init; } = "";

    /// <summary>Its classes without the background.</summary>
    public IReadOnlyList<string> ClassNames { get; init; } = [];

    /// <summary>What the user says, who may know better than any list; null for nothing.</summary>
    public SeenStatus? Stated { get; init; }

    /// <summary>Takes over name, folder, classes, reference and description of a data set.</summary>
    public static DatasetIdentity Of(DatasetManifest dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return new DatasetIdentity
        {
            Name = dataset.Name,
            Folder = new DirectoryInfo(dataset.Root).Name,
            Reference = ReferenceIn(Path.Combine(dataset.Root, DatasetDescription.FileName)),
            ClassNames = [.. dataset.ClassNames.Skip(1)],
        };
    }

    /// <summary>The manifest was read from this file before; a layout without such a file, or with other kinds of values, just says nothing.</summary>
    private static string ReferenceIn(string path) => !File.Exists(path) ? "" : LenientJson.Read(path, root => string.Join("; ", ReferenceKeys
        .Select(key => root.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null)
        .Where(text => !string.IsNullOrWhiteSpace(text))));
}
