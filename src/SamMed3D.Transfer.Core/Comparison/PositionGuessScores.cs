namespace SamMed3D.Transfer;

/// <summary>What the <see cref="PositionPrior"/> of one fold's training cases scores on the cases that were not trained on.</summary>
public sealed record PositionGuessScores
{
    /// <summary>The fold, from 0.</summary>
    public required int Fold { get; init; }

    /// <summary>The label budget.</summary>
    public LabelBudget Budget { get; init; } = LabelBudget.All;

    /// <summary>Its scores.</summary>
    public required IReadOnlyList<CaseResult> Cases { get; init; }
}
