namespace SamMed3D.Transfer;

/// <summary>What cleaning does with one case.</summary>
/// <param name="Id">The case, or the file's name where there is no data set.</param>
/// <param name="Part">Training or test; null where there is no data set.</param>
/// <param name="Decisions">What becomes of each class; empty for a test case without labels, which stays as it is.</param>
public sealed record CleanedCase(string Id, DatasetPart? Part, IReadOnlyList<MaskDecision> Decisions)
{
    /// <summary>Whether the case has labels but no mask that stays, so that it is not in the output.</summary>
    public bool IsLeftOut { get; } = Part is null or DatasetPart.Training
        ? Decisions.All(decision => decision.Outcome.Count == 0)
        : Decisions.Count > 0 && Decisions.All(decision => decision.Outcome.Count == 0);
}
