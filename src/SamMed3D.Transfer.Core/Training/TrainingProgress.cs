namespace SamMed3D.Transfer;

/// <summary>What the trainer reports after each step.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps altogether.</param>
/// <param name="Loss">The loss of this step's batch, before the update.</param>
/// <param name="LearningRate">The rate of this step.</param>
/// <param name="GradientNorm">Euclidean norm of all gradients together, before clipping.</param>
/// <param name="Validation">The scores, where this step had a validation.</param>
public sealed record TrainingProgress(
    long Step, long Steps, double Loss, double LearningRate, double GradientNorm, SegmentationScores? Validation = null);
