namespace SamMed3D.Transfer;

/// <summary>Sets of augmentations that have a name.</summary>
public enum AugmentationPreset
{
    /// <summary>None at all.</summary>
    None,

    /// <summary>All that change intensities, with nnU-Net's ranges; nothing is moved.</summary>
    Intensity,

    /// <summary>As nnU-Net's default: rotation and scaling besides; elastic deformation is left out there too.</summary>
    Standard,
}
