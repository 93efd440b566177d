namespace SamMed3D.Transfer;

/// <summary>What is kept of a label map.</summary>
/// <param name="Digest">Of its values.</param>
/// <param name="Counts">Voxels by value, as long as the values are whole and not too many.</param>
/// <param name="NotWhole">Voxels with a value that is no whole number of 32 bits.</param>
/// <param name="NotWholeExample">One such value.</param>
internal sealed record LabelDigest(VoxelDigest Digest, SortedDictionary<int, long> Counts, long NotWhole, double NotWholeExample)
{
    /// <summary>A label map with more values than this is an image by mistake; the rest is not counted apart.</summary>
    public const int MostValues = 100_000;
}
