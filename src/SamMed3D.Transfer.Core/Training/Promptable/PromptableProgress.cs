namespace SamMed3D.Transfer;

/// <summary>What the promptable trainer reports after each step.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps altogether.</param>
/// <param name="Loss">The loss of a round, as the mean over this step's rounds and batches, before the update.</param>
/// <param name="LearningRate">The image encoder's rate of this step.</param>
/// <param name="GradientNorm">Euclidean norm of all gradients together, before clipping.</param>
/// <param name="Validation">The scores, where this step had a validation.</param>
public sealed record PromptableProgress(
    long Step, long Steps, double Loss, double LearningRate, double GradientNorm, ClickScores? Validation = null);
