namespace SamMed3D.Transfer;

/// <summary>Where the scaling of a loss stands; a part of <see cref="TrainingState"/>.</summary>
/// <param name="Scale">What the loss is multiplied by.</param>
/// <param name="StepsSinceChange">Steps taken in a row since the factor last changed.</param>
public sealed record LossScalerState(double Scale, long StepsSinceChange);
