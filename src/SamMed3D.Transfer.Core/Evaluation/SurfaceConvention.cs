namespace SamMed3D.Transfer;

/// <summary>What the surface of a mask is made of.</summary>
public enum SurfaceConvention
{
    /// <summary>
    /// Voxel corners between inside and outside, each with the area of the surface that crosses its eight voxels (Nikolov et al.,
    /// arXiv:1809.04430): however the voxels lie, equal areas count alike.
    /// </summary>
    AreaWeighted,

    /// <summary>Centres of the mask's voxels that have a face neighbour outside, all of one weight, as in MONAI.</summary>
    VoxelBorder,
}
