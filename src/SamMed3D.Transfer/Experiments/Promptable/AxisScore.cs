namespace SamMed3D.Transfer;

/// <summary>How well a model segments data in one order and direction of their axes.</summary>
/// <param name="Order">The order in which the voxels are given to the model.</param>
/// <param name="MeanDice">Over the targets.</param>
public sealed record AxisScore(Orientation Order, double MeanDice);
