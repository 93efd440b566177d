namespace SamMed3D.Transfer;

/// <summary>Names the output of one encoder block.</summary>
/// <param name="Block">Counted from 0.</param>
/// <param name="IsNormalized">Whether the encoder's final norm, where it has one, is applied on top.</param>
public readonly record struct FeatureTap(int Block, bool IsNormalized = false)
{
    /// <summary>The plain output of a block.</summary>
    public static implicit operator FeatureTap(int block) => new(block);

    /// <summary>The plain output of a block.</summary>
    public static FeatureTap FromInt32(int block) => block;
}
