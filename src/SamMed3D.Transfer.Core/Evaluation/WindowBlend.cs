namespace SamMed3D.Transfer;

/// <summary>How overlapping windows are averaged.</summary>
public enum WindowBlend
{
    /// <summary>Every voxel of a window counts the same.</summary>
    Constant,

    /// <summary>Voxels near the middle of a window count more, since the network sees more around them.</summary>
    Gaussian,
}
