namespace SamMed3D.Transfer;

/// <summary>Facts about <see cref="VoxelType"/>.</summary>
internal static class VoxelTypes
{
    /// <summary>Bytes of a stored voxel.</summary>
    public static int BytesPerVoxel(this VoxelType type) => type switch
    {
        VoxelType.UInt8 or VoxelType.Int8 => 1,
        VoxelType.Int16 or VoxelType.UInt16 => 2,
        VoxelType.Int32 or VoxelType.UInt32 or VoxelType.Float32 => 4,
        _ => 8,
    };
}
