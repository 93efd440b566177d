namespace SamMed3D.Transfer;

/// <summary>A validation in the course of a training.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Dice">Mean validation Dice.</param>
public sealed record CurvePoint(long Step, double Dice);
