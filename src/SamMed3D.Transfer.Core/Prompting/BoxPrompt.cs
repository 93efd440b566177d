namespace SamMed3D.Transfer;

/// <summary>A box around the object, by two opposite corners in any order.</summary>
/// <param name="From">A corner; as a voxel it belongs to the box.</param>
/// <param name="To">The opposite corner; as a voxel it belongs to the box.</param>
/// <param name="Space">What the corners' numbers mean.</param>
public sealed record BoxPrompt(Double3 From, Double3 To, CoordinateSpace Space = CoordinateSpace.Voxel);
