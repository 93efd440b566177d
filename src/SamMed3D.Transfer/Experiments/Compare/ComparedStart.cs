namespace SamMed3D.Transfer;

/// <summary>
/// An arm of a comparison, as its file names it: an experiment and what is changed in it. One that changes the network itself, such as to a residual U-Net, is held against the
/// starts as what a network made for the task reaches (<see cref="ArmRole.TaskSpecific"/>).
/// </summary>
public sealed record ComparedStart
{
    /// <summary>Names the arm: letters, digits, dots, dashes and underscores.</summary>
    public required string Name { get; init; }

    /// <summary>The arm's own experiment file; null for that of the comparison.</summary>
    public string? Experiment { get; init; }

    /// <summary>Changes, each <c>path.to.key=value</c>, the value in YAML; later ones win.</summary>
    public IReadOnlyList<string> Set { get; init; } = [];

    /// <summary>What it is, in a few words.</summary>
    public string Description { get; init; } = "";

    /// <summary>What its weights were trained on; null to tell it from the file they come from.</summary>
    public PretrainingCorpus? Corpus { get; init; }
}
