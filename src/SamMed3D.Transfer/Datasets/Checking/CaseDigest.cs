namespace SamMed3D.Transfer;

/// <summary>What is kept of a case after it was read through.</summary>
internal sealed record CaseDigest(DatasetCase Case, Geometry Geometry, IReadOnlyList<VoxelDigest> Channels, LabelDigest? Labels);
