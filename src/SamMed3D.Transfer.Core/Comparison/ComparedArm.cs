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

    /// <summary>
    /// Settings beside network, start and freezing that are others than the baseline's, each such as "training.learningRate: 0.01 instead of 0.001"; empty where the arm differs
    /// in what it is there for alone.
    /// </summary>
    public IReadOnlyList<string> OtherDifferences { get; init; } = [];
}
