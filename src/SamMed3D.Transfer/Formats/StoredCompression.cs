namespace SamMed3D.Transfer;

/// <summary>What stands between the bytes of a file and those that they mean.</summary>
internal enum StoredCompression
{
    None,
    Gzip,
    Zlib,
    Hex,
}
