namespace SamMed3D.Transfer;

/// <summary>What a signed-rank test found.</summary>
/// <param name="PositiveRanks">Sum of the ranks of positive differences.</param>
/// <param name="NegativeRanks">Sum of the ranks of negative differences.</param>
/// <param name="NonZero">Differences that are not zero.</param>
/// <param name="Zeros">Differences that are zero.</param>
/// <param name="PValue">The two-sided p value; 1 when every difference is zero.</param>
/// <param name="IsExact">Whether it is exact, rather than by the normal approximation.</param>
public sealed record WilcoxonResult(double PositiveRanks, double NegativeRanks, int NonZero, int Zeros, double PValue, bool IsExact)
{
    /// <summary>
    /// The matched-pairs rank-biserial correlation, from -1 (every difference is negative) over 0 to 1 (every one is positive): Kerby, "The simple difference formula" (2014).
    /// </summary>
    public double RankBiserial => NonZero == 0 ? 0 : (PositiveRanks - NegativeRanks) / (PositiveRanks + NegativeRanks);
}
