namespace SamMed3D.Transfer;

/// <summary>What was found of one prompted object.</summary>
/// <param name="Label">Its value in the label map.</param>
/// <param name="VoxelCount">Voxels of the input file.</param>
/// <param name="WrittenCount">How many of them it has in the label map, where a voxel that two objects claim goes to the surer one.</param>
/// <param name="Volume">mm^3.</param>
/// <param name="PredictedIou">The overlap with the truth that the model expects; released weights were never trained to tell it in 3D.</param>
/// <param name="PatchCount">Patches that it was looked at in.</param>
/// <param name="Notes">What was done otherwise than asked.</param>
public sealed record PromptedSummary(int Label, long VoxelCount, long WrittenCount, double Volume, double PredictedIou, int PatchCount, IReadOnlyList<string> Notes);
