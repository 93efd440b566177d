namespace SamMed3D.Transfer;

/// <summary>Size of <see cref="MaskDecoder"/> and its two-way transformer. The defaults are SAM-Med3D's.</summary>
public sealed record MaskDecoderOptions
{
    /// <summary>Channels of image and prompt embeddings; a multiple of 8 and of <see cref="HeadCount"/> x <see cref="AttentionDownsampling"/>.</summary>
    public int Width { get; init; } = 384;

    /// <summary>Alternative masks beside the single one (`num_multimask_outputs`).</summary>
    public int AlternativeCount { get; init; } = 3;

    /// <summary>Blocks of the two-way transformer.</summary>
    public int BlockCount { get; init; } = 2;

    /// <summary>Attention heads.</summary>
    public int HeadCount { get; init; } = 8;

    /// <summary>Width of the transformer's MLPs. 2048 in the published code, where it cannot be changed.</summary>
    public int MlpWidth { get; init; } = 2048;

    /// <summary>By how much attention between tokens and image narrows the channels.</summary>
    public int AttentionDownsampling { get; init; } = 2;

    /// <summary>Linear layers of the head that predicts each mask's quality.</summary>
    public int IouHeadDepth { get; init; } = 3;

    /// <summary>Width of that head's hidden layers.</summary>
    public int IouHeadWidth { get; init; } = 256;

    /// <summary>These options, when they fit together.</summary>
    /// <exception cref="ArgumentException">They contradict each other; the message names both sides.</exception>
    public MaskDecoderOptions Validated()
    {
        if (BlockCount < 1 || HeadCount < 1 || MlpWidth < 1 || AttentionDownsampling < 1 || IouHeadDepth < 1 || IouHeadWidth < 1)
            throw new ArgumentException(
                "BlockCount, HeadCount, MlpWidth, AttentionDownsampling, IouHeadDepth and IouHeadWidth must be at least 1.");
        if (AlternativeCount < 0)
            throw new ArgumentException($"AlternativeCount is {AlternativeCount}; it must not be negative.");
        if (Width < 8 || Width % 8 != 0)
            throw new ArgumentException($"Width is {Width}, but the masks are made at an eighth of it: use a multiple of 8.");
        if (Width % (HeadCount * AttentionDownsampling) != 0)
            throw new ArgumentException(
                $"Width {Width} is not a multiple of HeadCount {HeadCount} times AttentionDownsampling {AttentionDownsampling}.");
        return this;
    }
}
