namespace SamMed3D.Transfer;

/// <summary>One arm at one label budget.</summary>
public sealed record ArmSummary
{
    /// <summary>The arm.</summary>
    public required ComparedArm Arm { get; init; }

    /// <summary>The label budget.</summary>
    public required LabelBudget Budget { get; init; }

    /// <summary>Mean number of cases trained on.</summary>
    public required double TrainingCases { get; init; }

    /// <summary>Cases with a score.</summary>
    public required int CaseCount { get; init; }

    /// <summary>Mean over cases of the mean Dice of their classes, each case averaged over its seeds; NaN without cases.</summary>
    public required double MeanDice { get; init; }

    /// <summary>The same of the surface Dice; NaN where it was not computed.</summary>
    public required double MeanSurfaceDice { get; init; }

    /// <summary>Dice by class.</summary>
    public required IReadOnlyList<ClassSummary> Classes { get; init; }

    /// <summary>The mean score of the position-only guess on these cases; NaN where it was not computed.</summary>
    public required double PositionGuessDice { get; init; }

    /// <summary>The median over runs of <see cref="Convergence.StepsToNearBest"/>; NaN where no run has a curve.</summary>
    public required double StepsToNearBest { get; init; }

    /// <summary>What its runs cost.</summary>
    public required CostSummary Cost { get; init; }

    /// <summary>The comparison with the baseline; null for the baseline itself.</summary>
    public PairedComparison? Comparison { get; init; }

    /// <summary>Whether it scores no better than that guess on the cases that both have a score of. Such an arm is not a result.</summary>
    public required bool IsBelowPositionGuess { get; init; }
}
