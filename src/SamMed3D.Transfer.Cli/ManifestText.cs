namespace SamMed3D.Transfer.Cli;

/// <summary>The manifest of a checkpoint for people and for programs.</summary>
internal static class ManifestText
{
    /// <summary>Names and texts, one line each.</summary>
    public static IEnumerable<(string Name, string Text)> Lines(CheckpointManifest manifest)
    {
        yield return ("written by", manifest.Library);
        if (manifest.Source is { } source)
            yield return ("made from", $"{source.Name} (sha256 {source.Sha256})");
        foreach (var data in manifest.Data)
            yield return ("trained on", $"{data.Dataset}: {data.Cases.Count} cases");
        if (manifest.Preprocessing is { } expected)
            yield return ("expects", $"{manifest.Orientation}, {(expected.Spacing is { } spacing ? $"{spacing} mm" : "any spacing")}, "
                + $"{expected.Normalization} normalization");
    }

    /// <summary>An object for <see cref="JsonOutput"/>; null for none.</summary>
    public static object? Json(CheckpointManifest? manifest) => manifest is null ? null : new
    {
        library = manifest.Library,
        source = manifest.Source is { } source ? new { name = source.Name, sha256 = source.Sha256 } : null,
        data = manifest.Data.Select(data => new { dataset = data.Dataset, cases = data.Cases }),
        orientation = manifest.Orientation,
        yaml = manifest.ToYaml(),
    };
}
