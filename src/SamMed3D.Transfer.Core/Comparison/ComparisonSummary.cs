using MathNet.Numerics.Statistics;

namespace SamMed3D.Transfer;

/// <summary>What follows from the results of a comparison: each arm at each label budget, and what may be said of it.</summary>
public sealed record ComparisonSummary
{
    private ComparisonSummary(ComparisonResults results, StatisticsOptions statistics)
    {
        Results = results;
        Statistics = statistics;
    }

    /// <summary>The results, in order.</summary>
    public ComparisonResults Results { get; }

    /// <summary>How arms were compared.</summary>
    public StatisticsOptions Statistics { get; }

    /// <summary>Every arm that has runs, by label budget (the largest last) and arm.</summary>
    public required IReadOnlyList<ArmSummary> Arms { get; init; }

    /// <summary>The largest label budget, which the main table is about; null without runs.</summary>
    public LabelBudget? MainBudget => Arms.Count > 0 ? Arms[^1].Budget : null;

    /// <summary>The arms at the largest label budget.</summary>
    public IReadOnlyList<ArmSummary> Main => [.. Arms.Where(arm => arm.Budget == MainBudget)];

    /// <summary>The position-only guess by label budget, where it was computed.</summary>
    public required IReadOnlyList<PositionGuessSummary> PositionGuess { get; init; }

    /// <summary>
    /// Each start against the arm of another network that was made for the task, at the largest label budget, corrected for each other; empty where there is no such arm,
    /// or where it is the baseline, with which all are compared anyway.
    /// </summary>
    public required IReadOnlyList<PairedComparison> AgainstTaskSpecific { get; init; }

    /// <summary>What should have been the same between arms and was not.</summary>
    public required IReadOnlyList<HashDifference> HashDifferences { get; init; }

    /// <summary>Sums up results. Arms are corrected for each other within a label budget; the largest budget is the main question, smaller ones tell how it changes.</summary>
    /// <exception cref="ArgumentException">The results contradict themselves.</exception>
    public static ComparisonSummary Of(ComparisonResults results, StatisticsOptions? statistics = null)
    {
        ArgumentNullException.ThrowIfNull(results);
        results = results.Validated();
        statistics = (statistics ?? new StatisticsOptions()).Validated();
        return new ComparisonSummary(results, statistics)
        {
            Arms = [.. results.Budgets().SelectMany(budget => AtBudget(results, budget, statistics))],
            PositionGuess = [.. results.Budgets().Where(budget => results.PositionGuess.Any(one => one.Budget == budget)).Select(budget => Guessed(results, budget))],
            AgainstTaskSpecific = results.Budgets() is [.., var main] ? ToTaskSpecific(results, main, statistics) : [],
            HashDifferences = HashDifference.Find(results.Runs),
        };
    }

    private static IReadOnlyList<PairedComparison> ToTaskSpecific(ComparisonResults results, LabelBudget budget, StatisticsOptions statistics)
    {
        (string Name, IReadOnlyList<SampleScore> Scores)[] Of(ArmRole role) =>
        [
            .. from arm in results.Arms
               where arm.Role == role
               let runs = results.Runs.Where(run => run.Arm == arm.Name && run.Budget == budget).ToArray()
               where runs.Length > 0
               select (arm.Name, (IReadOnlyList<SampleScore>)Scores(runs, one => one.MeanDice())),
        ];
        return Of(ArmRole.TaskSpecific) is [var specific, ..] && specific.Name != results.Baseline
            ? ArmComparison.Compare(specific, Of(ArmRole.Start), statistics) : [];
    }

    private static IEnumerable<ArmSummary> AtBudget(ComparisonResults results, LabelBudget budget, StatisticsOptions statistics)
    {
        var runs = results.Arms.ToDictionary(arm => arm.Name, arm => results.Runs.Where(run => run.Arm == arm.Name && run.Budget == budget).ToArray());
        string[] others = [.. results.Arms.Select(arm => arm.Name).Where(name => name != results.Baseline && runs[name].Length > 0)];
        var comparisons = ArmComparison.Compare((results.Baseline, Scores(runs[results.Baseline], one => one.MeanDice())),
            [.. others.Select(name => (name, Scores(runs[name], one => one.MeanDice())))], statistics);
        var guess = results.PositionGuess.Where(one => one.Budget == budget)
            .SelectMany(one => one.Cases.Select(scored => new SampleScore(scored.CaseId, one.Fold, 0, scored.MeanDice()))).ToArray();
        return results.Arms.Where(arm => runs[arm.Name].Length > 0).Select(arm => Summarized(results, arm, runs[arm.Name], budget, guess)
            with { Comparison = comparisons.FirstOrDefault(one => one.Arm == arm.Name) });
    }

    private static ArmSummary Summarized(ComparisonResults results, ComparedArm arm, ComparedRun[] runs, LabelBudget budget, SampleScore[] guess)
    {
        var dice = Scores(runs, one => one.MeanDice());
        double[] means = Means(dice);
        var besideGuess = PairedScores.Of(guess, dice).Cases;
        double guessed = besideGuess.Select(one => one.Baseline).DefaultIfEmpty(double.NaN).Average();
        return new ArmSummary
        {
            Arm = arm,
            Budget = budget,
            TrainingCases = runs.Average(run => (double)run.TrainingCases),
            CaseCount = means.Length,
            MeanDice = means.DefaultIfEmpty(double.NaN).Average(),
            MeanSurfaceDice = Means(Scores(runs, one => one.MeanSurfaceDice())).DefaultIfEmpty(double.NaN).Average(),
            Classes = [.. results.ClassNames.Select((name, index) => ClassOf(name, Means(Scores(runs, one => one.Dice[index]))))],
            PositionGuessDice = guessed,
            IsBelowPositionGuess = besideGuess.Select(one => one.Arm).DefaultIfEmpty(double.NaN).Average() <= guessed,
            StepsToNearBest = runs.Select(run => Convergence.StepsToNearBest(run.Curve)).OfType<long>().Select(steps => (double)steps).Median(),
            Cost = CostSummary.Of(runs),
        };
    }

    private static PositionGuessSummary Guessed(ComparisonResults results, LabelBudget budget)
    {
        SampleScore[] Of(Func<CaseResult, double> score) => [.. results.PositionGuess.Where(one => one.Budget == budget)
            .SelectMany(one => one.Cases.Select(scored => new SampleScore(scored.CaseId, one.Fold, 0, score(scored))))];
        double[] means = Means(Of(one => one.MeanDice()));
        return new PositionGuessSummary(budget, means.Length, means.DefaultIfEmpty(double.NaN).Average(),
            [.. results.ClassNames.Select((name, index) => ClassOf(name, Means(Of(one => one.Dice[index]))))]);
    }

    private static SampleScore[] Scores(IEnumerable<ComparedRun> runs, Func<CaseResult, double> score) =>
        [.. runs.SelectMany(run => run.Cases.Select(one => new SampleScore(one.CaseId, run.Fold, run.Seed, score(one))))];

    private static double[] Means(IEnumerable<SampleScore> scores) => [.. PairedScores.MeansByCase(scores).OrderBy(one => one.Key, StringComparer.Ordinal)
        .Select(one => one.Value).Where(double.IsFinite)];

    private static ClassSummary ClassOf(string name, double[] dice) => new(
        name, dice.Length, dice.DefaultIfEmpty(double.NaN).Average(), SortedArrayStatistics.QuantileCustom([.. dice.Order()], 0.25, QuantileDefinition.R7),
        SortedArrayStatistics.QuantileCustom([.. dice.Order()], 0.75, QuantileDefinition.R7));
}
