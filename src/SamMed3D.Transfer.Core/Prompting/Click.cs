namespace SamMed3D.Transfer;

/// <summary>A point that belongs to the object, or does not.</summary>
/// <param name="Position">Where.</param>
/// <param name="IsForeground">Whether the object is there.</param>
/// <param name="Space">What the position's numbers mean.</param>
public sealed record Click(Double3 Position, bool IsForeground = true, CoordinateSpace Space = CoordinateSpace.Voxel);
