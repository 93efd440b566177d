namespace SamMed3D.Transfer;

/// <summary>Everything a comparison measured: arms x folds x seeds x label budgets. What follows from it is a <see cref="ComparisonSummary"/>.</summary>
public sealed record ComparisonResults
{
    /// <summary>The comparison's name.</summary>
    public required string Name { get; init; }

    /// <summary>The data set.</summary>
    public required string Dataset { get; init; }

    /// <summary>Names of classes 1, 2, ...; the background has none.</summary>
    public required IReadOnlyList<string> ClassNames { get; init; }

    /// <summary>The arm that the others are compared with.</summary>
    public required string Baseline { get; init; }

    /// <summary>The arms, in the order of the tables.</summary>
    public required IReadOnlyList<ComparedArm> Arms { get; init; }

    /// <summary>The runs that ended.</summary>
    public required IReadOnlyList<ComparedRun> Runs { get; init; }

    /// <summary>Names of runs that were asked for and did not end, so that an incomplete comparison says so.</summary>
    public IReadOnlyList<string> MissingRuns { get; init; } = [];

    /// <summary>What a guess by position alone scores; empty where it was not computed.</summary>
    public IReadOnlyList<PositionGuessScores> PositionGuess { get; init; } = [];

    /// <summary>Tolerance of the surface Dice, in mm; null where there is none.</summary>
    public double? SurfaceTolerance { get; init; }

    /// <summary>Versions, configuration hashes and the like, for the footer.</summary>
    public IReadOnlyDictionary<string, string> Provenance { get; init; } = new Dictionary<string, string>();

    /// <summary>The arm of this name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public ComparedArm Arm(string name) => Arms.FirstOrDefault(arm => arm.Name == name)
        ?? throw new KeyNotFoundException($"The comparison has no arm '{name}'; it has {string.Join(", ", Arms.Select(arm => arm.Name))}.");

    /// <summary>Returns itself, with runs and guesses in the order of arms, label budgets, folds and seeds, when it makes sense.</summary>
    /// <exception cref="ArgumentException">Names or runs are double or unknown, or scores are of another number of classes.</exception>
    public ComparisonResults Validated()
    {
        string[] names = [.. Arms.Select(arm => arm.Name)];
        if (names.Length == 0 || names.Distinct(StringComparer.Ordinal).Count() != names.Length || names.Any(string.IsNullOrWhiteSpace))
            throw new ArgumentException($"Expected arms with different names, got [{string.Join(", ", names)}].");
        if (!names.Contains(Baseline))
            throw new ArgumentException($"The baseline '{Baseline}' is none of the arms: {string.Join(", ", names)}.");
        if (ClassNames.Count == 0)
            throw new ArgumentException("Expected the name of at least one class besides the background, got none.");
        foreach (var run in Runs)
            if (!names.Contains(run.Arm))
                throw new ArgumentException($"Run {run.Id} is of an unknown arm '{run.Arm}'; the arms are {string.Join(", ", names)}.");
        if (Runs.GroupBy(run => (run.Arm, run.Fold, run.Seed, run.Budget)).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"Runs {string.Join(" and ", twice.Select(run => run.Id))} are both arm {twice.Key.Arm}, fold {twice.Key.Fold}, "
                + $"seed {twice.Key.Seed}, budget {twice.Key.Budget}.");
        foreach (var (owner, cases) in Runs.Select(run => ($"Run {run.Id}", run.Cases)).Concat(PositionGuess.Select(guess => ($"The position-only guess of fold {guess.Fold}", guess.Cases))))
            RequireFitting(owner, cases);
        return this with
        {
            Runs = [.. Runs.OrderBy(run => Array.IndexOf(names, run.Arm)).ThenBy(run => Order(run.Budget)).ThenBy(run => run.Fold).ThenBy(run => run.Seed)],
            PositionGuess = [.. PositionGuess.OrderBy(guess => Order(guess.Budget)).ThenBy(guess => guess.Fold)],
        };
    }

    /// <summary>All budgets there are, the largest last.</summary>
    public IReadOnlyList<LabelBudget> Budgets() => [.. Runs.Select(run => run.Budget).Distinct().OrderBy(Order)];

    /// <summary>Numbers of cases, then fractions, then all.</summary>
    private static (int Kind, double Size) Order(LabelBudget budget) =>
        budget.IsAll ? (2, 0) : budget.Cases is { } cases ? (0, cases) : (1, budget.Fraction ?? 0);

    private void RequireFitting(string owner, IReadOnlyList<CaseResult> cases)
    {
        foreach (var one in cases)
            foreach (var scores in new[] { one.Dice, one.SurfaceDice, one.Hausdorff95 }.OfType<IReadOnlyList<double>>())
                if (scores.Count != ClassNames.Count)
                    throw new ArgumentException($"{owner} has {scores.Count} scores of case {one.CaseId}; there are {ClassNames.Count} classes.");
        if (cases.GroupBy(one => one.CaseId, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"{owner} has scores of case {twice.Key} twice.");
    }
}
