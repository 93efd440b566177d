namespace SamMed3D.Transfer;

/// <summary>One arm against the baseline, on the same cases. Differences are the arm above the baseline, in the unit of the scores.</summary>
public sealed record PairedComparison
{
    /// <summary>The arm.</summary>
    public required string Arm { get; init; }

    /// <summary>The arm it is compared with.</summary>
    public required string Baseline { get; init; }

    /// <summary>The cases of both, and those left out.</summary>
    public required PairedScores Scores { get; init; }

    /// <summary>Mean difference; NaN without cases.</summary>
    public required double MeanDifference { get; init; }

    /// <summary>The typical difference by <see cref="HodgesLehmann"/>, which single cases hardly move; NaN without cases.</summary>
    public required double TypicalDifference { get; init; }

    /// <summary>The interval of the mean difference by <see cref="BootstrapInterval"/>; null with too few cases, or when all differences are equal.</summary>
    public required ConfidenceInterval? Interval { get; init; }

    /// <summary>The signed-rank test.</summary>
    public required WilcoxonResult Test { get; init; }

    /// <summary>The p value after <see cref="HolmCorrection"/> over the arms; NaN where no test could be made.</summary>
    public required double PValue { get; init; }

    /// <summary>Arms that were tested together.</summary>
    public required int TestCount { get; init; }

    /// <summary>The mean difference that would have been found, see <see cref="SamMed3D.Transfer.MinimumDetectableEffect"/>.</summary>
    public required double MinimumDetectableEffect { get; init; }

    /// <summary>What other seeds give.</summary>
    public required SeedSpread SeedSpread { get; init; }

    /// <summary>What may be said.</summary>
    public required ComparisonVerdict Verdict { get; init; }

    /// <summary>Cases that both arms have a score of.</summary>
    public int CaseCount => Scores.Cases.Count;

    /// <summary>Cases on which the arm is better.</summary>
    public int BetterCases => Scores.Differences.Count(one => Differences.Rounded(one) > 0);

    /// <summary>Cases on which the arm is worse.</summary>
    public int WorseCases => Scores.Differences.Count(one => Differences.Rounded(one) < 0);
}
