namespace SamMed3D.Transfer;

/// <summary>What a <see cref="LossScaler"/> knows, to go on exactly where a run stopped.</summary>
/// <param name="Scale">The factor.</param>
/// <param name="StepsSinceChange">Steps taken in a row since the factor last changed.</param>
/// <param name="SkippedSteps">Steps that were not taken, altogether.</param>
public sealed record LossScalerState(double Scale, long StepsSinceChange, long SkippedSteps);
