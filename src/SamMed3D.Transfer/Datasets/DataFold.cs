namespace SamMed3D.Transfer;

/// <summary>One way to part the training cases. No case is on both sides.</summary>
/// <param name="Training">Ids of the cases to train on, in ordinal order.</param>
/// <param name="Validation">Ids of the cases to validate on, in ordinal order.</param>
public sealed record DataFold(IReadOnlyList<string> Training, IReadOnlyList<string> Validation);
