namespace SamMed3D.Transfer;

/// <summary>What a step that was done is still to be reported with.</summary>
/// <param name="Loss">The loss of the step's batches, before the update.</param>
/// <param name="LearningRate">The full rate of the step.</param>
/// <param name="GradientNorm">Euclidean norm of all gradients together, before clipping.</param>
/// <param name="Skipped">Why the step was left out; null where it was taken.</param>
public sealed record TrainingStep(double Loss, double LearningRate, double GradientNorm, string? Skipped = null);
