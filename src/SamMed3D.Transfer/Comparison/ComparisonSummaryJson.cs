using System.Text.Json.Serialization;

namespace SamMed3D.Transfer;

/// <summary>The summary in results.json, for readers that are no .NET programs. Dice goes from 0 to 1.</summary>
internal sealed record ComparisonSummaryJson
{
    public required IReadOnlyList<string> Sentences { get; init; }

    public required IReadOnlyList<ArmRow> Arms { get; init; }

    public required IReadOnlyList<GuessRow> PositionGuess { get; init; }

    public required IReadOnlyList<HashDifference> HashDifferences { get; init; }

    public static ComparisonSummaryJson Of(ComparisonSummary summary) => new()
    {
        Sentences = ComparisonText.Sentences(summary),
        Arms = [.. summary.Arms.Select(Row)],
        PositionGuess = [.. summary.PositionGuess.Select(guess => new GuessRow(guess.Budget.ToString(), guess.CaseCount, guess.MeanDice))],
        HashDifferences = summary.HashDifferences,
    };

    private static ArmRow Row(ArmSummary arm) => new()
    {
        Arm = arm.Arm.Name,
        Budget = arm.Budget.ToString(),
        TrainingCases = arm.TrainingCases,
        Cases = arm.CaseCount,
        Dice = arm.MeanDice,
        SurfaceDice = arm.MeanSurfaceDice,
        PositionGuessDice = arm.PositionGuessDice,
        IsBelowPositionGuess = arm.IsBelowPositionGuess,
        StepsTo95PercentOfBest = arm.StepsToNearBest,
        Cost = arm.Cost,
        Seen = arm.Arm.Seen?.Status,
        Classes = arm.Classes,
        Comparison = arm.Comparison is { } found ? new ComparisonRow
        {
            Baseline = found.Baseline,
            Verdict = found.Verdict,
            Cases = found.CaseCount,
            MeanDifference = found.MeanDifference,
            TypicalDifference = found.TypicalDifference,
            Interval = found.Interval,
            P = found.Test.PValue,
            PAfterHolm = found.PValue,
            Tests = found.TestCount,
            RankBiserial = found.Test.RankBiserial,
            MinimumDetectableEffect = found.MinimumDetectableEffect,
            SeedDeviation = found.SeedSpread.Deviation,
            SeedMargin = found.SeedSpread.Margin,
            LeftOut = found.Scores.LeftOut,
        }
        : null,
    };

    internal sealed record GuessRow(string Budget, int Cases, double Dice);

    internal sealed record ArmRow
    {
        public required string Arm { get; init; }

        public required string Budget { get; init; }

        public required double TrainingCases { get; init; }

        public required int Cases { get; init; }

        public required double Dice { get; init; }

        public required double SurfaceDice { get; init; }

        public required double PositionGuessDice { get; init; }

        public required bool IsBelowPositionGuess { get; init; }

        [JsonPropertyName("stepsTo95PercentOfBest")]
        public required double StepsTo95PercentOfBest { get; init; }

        public required CostSummary Cost { get; init; }

        public SeenStatus? Seen { get; init; }

        public required IReadOnlyList<ClassSummary> Classes { get; init; }

        public ComparisonRow? Comparison { get; init; }
    }

    internal sealed record ComparisonRow
    {
        public required string Baseline { get; init; }

        public required ComparisonVerdict Verdict { get; init; }

        public required int Cases { get; init; }

        public required double MeanDifference { get; init; }

        public required double TypicalDifference { get; init; }

        public ConfidenceInterval? Interval { get; init; }

        public required double P { get; init; }

        public required double PAfterHolm { get; init; }

        public required int Tests { get; init; }

        public required double RankBiserial { get; init; }

        public required double MinimumDetectableEffect { get; init; }

        public required double SeedDeviation { get; init; }

        public required double SeedMargin { get; init; }

        public required IReadOnlyList<string> LeftOut { get; init; }
    }
}
