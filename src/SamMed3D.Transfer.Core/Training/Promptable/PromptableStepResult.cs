namespace SamMed3D.Transfer;

/// <summary>What a training step of a promptable model gave.</summary>
/// <param name="RoundLosses">The loss of each round.</param>
public sealed record PromptableStepResult(IReadOnlyList<double> RoundLosses)
{
    /// <summary>Their sum, whose gradient was computed.</summary>
    public double Loss => RoundLosses.Sum();
}
