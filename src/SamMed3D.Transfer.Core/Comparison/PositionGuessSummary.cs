namespace SamMed3D.Transfer;

/// <summary>What a guess by position alone scores at one label budget.</summary>
/// <param name="Budget">The label budget.</param>
/// <param name="CaseCount">Cases with a score.</param>
/// <param name="MeanDice">Mean over cases of the mean Dice of their classes; NaN without cases.</param>
/// <param name="Classes">Dice by class.</param>
public sealed record PositionGuessSummary(LabelBudget Budget, int CaseCount, double MeanDice, IReadOnlyList<ClassSummary> Classes);
