namespace SamMed3D.Transfer;

/// <summary>What a plan needs to know of a case.</summary>
public sealed record CaseFingerprint
{
    /// <summary>The case.</summary>
    public required string Id { get; init; }

    /// <summary>Whose scan it is.</summary>
    public required string Subject { get; init; }

    /// <summary>Voxels along left-right, back-front, feet-head.</summary>
    public required Size3 Size { get; init; }

    /// <summary>Spacing in mm along left-right, back-front, feet-head.</summary>
    public required Double3 Spacing { get; init; }

    /// <summary>Labelled voxels.</summary>
    public required long ForegroundVoxels { get; init; }

    /// <summary>The classes or regions that occur.</summary>
    public required IReadOnlyList<string> Present { get; init; }

    /// <summary>The share of the voxels above 0, in the channel where it is least.</summary>
    public required double PositiveShare { get; init; }
}
