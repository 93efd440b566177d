namespace SamMed3D.Transfer;

/// <summary>One training run of a comparison with its scores.</summary>
public sealed record ComparedRun
{
    /// <summary>The run, such as the name of its folder; made of the grid, not of the clock, so that a repeated comparison has the same.</summary>
    public required string Id { get; init; }

    /// <summary>The arm's name.</summary>
    public required string Arm { get; init; }

    /// <summary>The fold, from 0.</summary>
    public required int Fold { get; init; }

    /// <summary>The seed.</summary>
    public required long Seed { get; init; }

    /// <summary>The label budget.</summary>
    public LabelBudget Budget { get; init; } = LabelBudget.All;

    /// <summary>How many cases were trained on.</summary>
    public required int TrainingCases { get; init; }

    /// <summary>The scores of the cases that were not trained on.</summary>
    public required IReadOnlyList<CaseResult> Cases { get; init; }

    /// <summary>Validations in the course of the training, by step.</summary>
    public IReadOnlyList<CurvePoint> Curve { get; init; } = [];

    /// <summary>What it cost.</summary>
    public RunCost Cost { get; init; } = new();

    /// <summary>What it shares with the runs of other arms.</summary>
    public RunHashes Hashes { get; init; } = new();
}
