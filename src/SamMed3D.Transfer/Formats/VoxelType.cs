#pragma warning disable CA1720 // The names are the stored types, as everywhere in the field.
namespace SamMed3D.Transfer;

/// <summary>The types of stored voxels that this library reads, whatever the format; the numbers are NIfTI's datatype codes.</summary>
public enum VoxelType
{
    /// <summary>Unsigned, 8 bits.</summary>
    UInt8 = 2,

    /// <summary>Signed, 16 bits.</summary>
    Int16 = 4,

    /// <summary>Signed, 32 bits.</summary>
    Int32 = 8,

    /// <summary>Single precision.</summary>
    Float32 = 16,

    /// <summary>Double precision.</summary>
    Float64 = 64,

    /// <summary>Signed, 8 bits.</summary>
    Int8 = 256,

    /// <summary>Unsigned, 16 bits.</summary>
    UInt16 = 512,

    /// <summary>Unsigned, 32 bits.</summary>
    UInt32 = 768,

    /// <summary>Signed, 64 bits.</summary>
    Int64 = 1024,

    /// <summary>Unsigned, 64 bits.</summary>
    UInt64 = 1280,
}
