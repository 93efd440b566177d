namespace SamMed3D.Transfer;

/// <summary>What a trainer reports after each step.</summary>
/// <typeparam name="TScores">What a validation finds.</typeparam>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps altogether.</param>
/// <param name="Loss">The loss of this step's batches, before the update.</param>
/// <param name="LearningRate">The full rate of this step.</param>
/// <param name="GradientNorm">Euclidean norm of all gradients together, before clipping.</param>
public sealed record TrainingProgress<TScores>(long Step, long Steps, double Loss, double LearningRate, double GradientNorm)
    where TScores : class, IValidationScores
{
    /// <summary>The scores, where this step had a validation.</summary>
    public TScores? Validation { get; init; }

    /// <summary>Whether no validation before was better.</summary>
    public bool IsBest { get; init; }

    /// <summary>Why the step was left out; null where it was taken.</summary>
    public string? Skipped { get; init; }
}
