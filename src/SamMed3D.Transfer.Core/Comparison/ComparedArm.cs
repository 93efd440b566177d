namespace SamMed3D.Transfer;

/// <summary>An arm of a comparison.</summary>
public sealed record ComparedArm
{
    /// <summary>Its name, unique in the comparison.</summary>
    public required string Name { get; init; }

    /// <summary>What it is, in a few words; may be empty.</summary>
    public string Description { get; init; } = "";

    /// <summary>What it is there for.</summary>
    public ArmRole Role { get; init; } = ArmRole.Start;

    /// <summary>Whether its weights were trained on the data it is compared on; null for an arm that starts from no weights.</summary>
    public SeenStamp? Seen { get; init; }
}
