namespace SamMed3D.Transfer;

/// <summary>One score of one case by one trained model.</summary>
/// <param name="CaseId">The case.</param>
/// <param name="Fold">The fold whose model gave it, from 0.</param>
/// <param name="Seed">The seed of that model's training.</param>
/// <param name="Score">The score; NaN or infinite where there is none.</param>
public readonly record struct SampleScore(string CaseId, int Fold, long Seed, double Score);
