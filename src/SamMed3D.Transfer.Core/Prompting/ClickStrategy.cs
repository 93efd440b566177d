namespace SamMed3D.Transfer;

/// <summary>Where a simulated user clicks within the region that is wrong.</summary>
public enum ClickStrategy
{
    /// <summary>Anywhere in it, each voxel as likely as another: what SAM-Med3D trains with.</summary>
    Random,

    /// <summary>
    /// Deep in the larger of the two kinds of error (missing or too much), as RITM does (Sofiiuk et al. 2022): among the voxels at more than half of its
    /// greatest depth. What SAM-Med3D offers for evaluation.
    /// </summary>
    Ritm,
}
