namespace SamMed3D.Transfer;

/// <summary>What cleaning does with one case.</summary>
/// <param name="Id">The case, or the file's name where there is no data set.</param>
/// <param name="Part">Training or test; null where there is no data set.</param>
/// <param name="Decisions">What becomes of each class; empty for a test case without labels, which stays as it is.</param>
public sealed record CleanedCase(string Id, DatasetPart? Part, IReadOnlyList<MaskDecision> Decisions)
{
    /// <summary>
    /// Whether the case is not in the output: it has labels but no mask that stays, or, in SAM-Med3D's tree, it has no labels and no mask of
    /// its organ stays in any other case.
    /// </summary>
    public bool IsLeftOut => OrganFolders is { } folders ? folders.Count == 0
        : Part is null or DatasetPart.Training
        ? Decisions.All(decision => decision.Outcome.Count == 0)
        : Decisions.Count > 0 && Decisions.All(decision => decision.Outcome.Count == 0);

    /// <summary>In SAM-Med3D's tree the organ folders of the output that the case goes into, one a mask, in the order of the masks; else null.</summary>
    internal IReadOnlyList<string>? OrganFolders { get; init; }
}
