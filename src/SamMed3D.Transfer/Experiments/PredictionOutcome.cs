namespace SamMed3D.Transfer;

/// <summary>What became of the cases of a prediction.</summary>
/// <param name="Written">The label files, one a case: named as the case, without a channel number.</param>
/// <param name="Failures">Cases that could not be segmented, a line each with the file and the reason; nothing was written for them.</param>
public sealed record PredictionOutcome(IReadOnlyList<string> Written, IReadOnlyList<string> Failures);
