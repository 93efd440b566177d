namespace SamMed3D.Transfer;

/// <summary>Facts about <see cref="NiftiType"/>.</summary>
internal static class NiftiTypes
{
    /// <summary>Bytes of a stored voxel.</summary>
    public static int BytesPerVoxel(this NiftiType type) => type switch
    {
        NiftiType.UInt8 or NiftiType.Int8 => 1,
        NiftiType.Int16 or NiftiType.UInt16 => 2,
        NiftiType.Int32 or NiftiType.UInt32 or NiftiType.Float32 => 4,
        _ => 8,
    };
}
