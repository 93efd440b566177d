namespace SamMed3D.Transfer;

/// <summary>Where a chunk of a cache entry is.</summary>
/// <param name="Offset">Of its first byte in the file; -1 where all its voxels are equal, so that there is nothing to store.</param>
/// <param name="Word">CRC-32C of its bytes; the voxels' bits where they are equal.</param>
internal readonly record struct CaseEntryChunk(long Offset, uint Word)
{
    /// <summary>Whether all voxels are equal.</summary>
    public bool IsUniform => Offset < 0;
}
