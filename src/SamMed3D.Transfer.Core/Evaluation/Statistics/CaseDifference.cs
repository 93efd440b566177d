namespace SamMed3D.Transfer;

/// <summary>What two arms score on one case, each averaged over its seeds.</summary>
/// <param name="CaseId">The case.</param>
/// <param name="Baseline">The baseline's mean score.</param>
/// <param name="Arm">The arm's mean score.</param>
public readonly record struct CaseDifference(string CaseId, double Baseline, double Arm)
{
    /// <summary>The arm above the baseline.</summary>
    public double Difference => Arm - Baseline;
}
