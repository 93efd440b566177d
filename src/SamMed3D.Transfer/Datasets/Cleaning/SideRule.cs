namespace SamMed3D.Transfer;

/// <summary>How a symmetric organ is split into left and right.</summary>
public enum SideRule
{
    /// <summary>Each connected component goes as a whole to the side of its centroid.</summary>
    ByComponent,

    /// <summary>Each voxel goes to its own side: a component that reaches across the midline is cut.</summary>
    ByVoxel,
}
