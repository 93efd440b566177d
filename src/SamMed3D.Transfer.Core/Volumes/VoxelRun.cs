namespace SamMed3D.Transfer;

/// <summary>Neighbouring voxels of one label along Z.</summary>
/// <param name="Start">Index of the first of them in the volume, in C order.</param>
/// <param name="Length">How many they are.</param>
/// <param name="Label">Their label.</param>
internal readonly record struct VoxelRun(int Start, int Length, int Label)
{
    /// <summary>Index of the last of them.</summary>
    public int Last => Start + Length - 1;
}
