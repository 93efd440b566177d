namespace SamMed3D.Transfer;

/// <summary>Dice of one class over cases, each case averaged over its seeds.</summary>
/// <param name="ClassName">The class.</param>
/// <param name="CaseCount">Cases where it has a score.</param>
/// <param name="Mean">Mean Dice; NaN without cases.</param>
/// <param name="LowerQuartile">A quarter of the cases score less; NaN without cases.</param>
/// <param name="UpperQuartile">A quarter of the cases score more; NaN without cases.</param>
public sealed record ClassSummary(string ClassName, int CaseCount, double Mean, double LowerQuartile, double UpperQuartile);
