namespace SamMed3D.Transfer;

/// <summary>Size and wiring of <see cref="Sam2dEncoder"/>. The defaults are the 2D SAM's smallest release, `vit_b`.</summary>
public sealed record Sam2dEncoderOptions
{
    /// <summary>Channels of the input image.</summary>
    public int InputChannels { get; init; } = 3;

    /// <summary>Edge of the square input, in pixels. A multiple of <see cref="PatchSize"/>.</summary>
    public int ImageSize { get; init; } = 1024;

    /// <summary>Edge of a square patch, in pixels.</summary>
    public int PatchSize { get; init; } = 16;

    /// <summary>Channels of a token.</summary>
    public int EmbeddingWidth { get; init; } = 768;

    /// <summary>Transformer blocks.</summary>
    public int BlockCount { get; init; } = 12;

    /// <summary>Attention heads of a block; a divisor of <see cref="EmbeddingWidth"/>.</summary>
    public int HeadCount { get; init; } = 12;

    /// <summary>Width of a block's MLP as a multiple of the embedding width; the product is truncated to a whole number.</summary>
    public double MlpRatio { get; init; } = 4;

    /// <summary>Channels after the neck.</summary>
    public int OutputChannels { get; init; } = 256;

    /// <summary>Edge of the attention windows, in tokens.</summary>
    public int WindowSize { get; init; } = 14;

    /// <summary>Blocks that attend over the whole grid, counted from 0.</summary>
    public IReadOnlyList<int> GlobalBlocks { get; init; } = [2, 5, 8, 11];

    /// <summary>Whether each block has SAM-Med2D's adapter beside its MLP. Then the adapters alone learn.</summary>
    public bool HasAdapters { get; init; }

    /// <summary>SAM-Med2D's released model: SAM's `vit_b` with adapters, for images of 256 pixels.</summary>
    public static Sam2dEncoderOptions SamMed2d { get; } = new() { ImageSize = 256, HasAdapters = true };

    /// <summary>SAM's `vit_b`: 12 blocks of width 768.</summary>
    public static Sam2dEncoderOptions ViTB { get; } = new();

    /// <summary>SAM's `vit_l`: 24 blocks of width 1024.</summary>
    public static Sam2dEncoderOptions ViTL { get; } = new()
    {
        EmbeddingWidth = 1024, BlockCount = 24, HeadCount = 16, GlobalBlocks = [5, 11, 17, 23],
    };

    /// <summary>SAM's `vit_h`: 32 blocks of width 1280.</summary>
    public static Sam2dEncoderOptions ViTH { get; } = new()
    {
        EmbeddingWidth = 1280, BlockCount = 32, HeadCount = 16, GlobalBlocks = [7, 15, 23, 31],
    };

    /// <summary>Tokens along each axis.</summary>
    public int GridSize => ImageSize / PatchSize;

    /// <summary>Whether a block attends over the whole grid.</summary>
    public bool IsGlobal(int block) => WindowSize == 0 || GlobalBlocks.Contains(block);

    /// <summary>These options, checked.</summary>
    /// <exception cref="ArgumentException">Two of them contradict each other.</exception>
    public Sam2dEncoderOptions Validated()
    {
        if (InputChannels < 1 || BlockCount < 1 || OutputChannels < 1 || PatchSize < 1 || HeadCount < 1 || MlpRatio <= 0 || WindowSize < 0)
            throw new ArgumentException(
                "InputChannels, BlockCount, OutputChannels, PatchSize, HeadCount and MlpRatio must be positive, WindowSize 0 or more.");
        if (EmbeddingWidth < 1 || EmbeddingWidth % HeadCount != 0)
            throw new ArgumentException($"EmbeddingWidth {EmbeddingWidth} is not a multiple of HeadCount {HeadCount}.");
        if (ImageSize < 1 || ImageSize % PatchSize != 0)
            throw new ArgumentException($"ImageSize {ImageSize} is not a multiple of PatchSize {PatchSize}.");
        if (HasAdapters && (GridSize % 2 != 0 || EmbeddingWidth % 4 != 0))
            throw new ArgumentException(
                $"HasAdapters needs an even number of tokens along an edge and an EmbeddingWidth in multiples of 4, got {GridSize} and {EmbeddingWidth}.");
        foreach (int block in GlobalBlocks)
            if (block < 0 || block >= BlockCount)
                throw new ArgumentException($"GlobalBlocks names block {block}, but BlockCount is {BlockCount}.");
        return this;
    }
}
