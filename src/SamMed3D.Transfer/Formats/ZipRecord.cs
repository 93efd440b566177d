namespace SamMed3D.Transfer;

/// <summary>One file of a zip archive, as the archive's directory describes it.</summary>
/// <param name="Name">Its path in the archive.</param>
/// <param name="Method">0 for stored as it is, 8 for deflated.</param>
/// <param name="HeaderStart">Where its own header begins in the file.</param>
/// <param name="StoredLength">Bytes in the archive.</param>
/// <param name="Length">Bytes when inflated.</param>
/// <param name="Checksum">CRC-32 of the inflated bytes; 0 stands for "not computed" (torch.serialization.set_crc32_options).</param>
internal sealed record ZipRecord(string Name, int Method, long HeaderStart, long StoredLength, long Length, uint Checksum)
{
    public bool IsCompressed => Method != 0;
}
