namespace SamMed3D.Transfer;

/// <summary>Size and wiring of <see cref="ImageEncoder"/>. The defaults are SAM-Med3D's released model (`vit_b_ori`).</summary>
public sealed record EncoderOptions : BackboneOptions
{
    /// <summary>Width of a block's MLP as a multiple of the embedding width; the product is truncated to a whole number.</summary>
    public double MlpRatio { get; init; } = 4;

    /// <summary>Channels after the neck.</summary>
    public int OutputChannels { get; init; } = 384;

    /// <summary>Whether the joint query-key-value projection has a bias.</summary>
    public bool HasQkvBias { get; init; } = true;

    /// <summary>Whether a learned table of absolute positions is added to the tokens.</summary>
    public bool HasAbsolutePositions { get; init; } = true;

    /// <summary>Which relative-position bias attention adds.</summary>
    public RelativePosition RelativePosition { get; init; } = RelativePosition.Published;

    /// <summary>Edge of the attention windows, in tokens; 0 lets every block attend globally.</summary>
    public int WindowSize { get; init; } = 14;

    /// <summary>Blocks that attend over the whole grid, counted from 0.</summary>
    public IReadOnlyList<int> GlobalBlocks { get; init; } = [2, 5, 8, 11];

    /// <summary>Epsilon of the blocks' layer norms: 1e-6 in SAM-Med3D's builders. The neck's is always 1e-6.</summary>
    public double LayerNormEpsilon { get; init; } = 1e-6;

    /// <summary>How little of the encoder learns (<see cref="LoraOptions"/> and its like); null lets all of it learn.</summary>
    public AdapterOptions? Adapter { get; init; }

    /// <summary>SAM-Med3D's released model, `vit_b_ori`: 128^3 voxels, 12 blocks of width 768.</summary>
    public static EncoderOptions SamMed3D { get; } = new();

    /// <summary>SAM-Med3D's `vit_b`: 256^3 voxels, 12 blocks of width 384.</summary>
    public static EncoderOptions SamMed3DViTB { get; } = new() { ImageSize = 256, EmbeddingWidth = 384 };

    /// <summary>SAM-Med3D's `vit_l`: 256^3 voxels, 24 blocks of width 1024.</summary>
    public static EncoderOptions SamMed3DViTL { get; } = new()
    {
        ImageSize = 256, EmbeddingWidth = 1024, BlockCount = 24, HeadCount = 16, GlobalBlocks = [5, 11, 17, 23],
    };

    /// <summary>SAM-Med3D's `vit_h`: 256^3 voxels, 32 blocks of width 1280.</summary>
    public static EncoderOptions SamMed3DViTH { get; } = new()
    {
        ImageSize = 256, EmbeddingWidth = 1280, BlockCount = 32, HeadCount = 16, GlobalBlocks = [7, 15, 23, 31],
    };

    /// <summary>2D SAM's `vit_b` in 3D, for inflated weights (<see cref="WeightLoader.LoadInflated"/>): its widths and windows, textbook relative positions.</summary>
    public static EncoderOptions InflatedSamViTB { get; } = new() { OutputChannels = 256, RelativePosition = RelativePosition.Decomposed };

    /// <summary>2D SAM's `vit_l` in 3D, for inflated weights.</summary>
    public static EncoderOptions InflatedSamViTL { get; } = InflatedSamViTB with
    {
        EmbeddingWidth = 1024, BlockCount = 24, HeadCount = 16, GlobalBlocks = [5, 11, 17, 23],
    };

    /// <summary>2D SAM's `vit_h` in 3D, for inflated weights.</summary>
    public static EncoderOptions InflatedSamViTH { get; } = InflatedSamViTB with
    {
        EmbeddingWidth = 1280, BlockCount = 32, HeadCount = 16, GlobalBlocks = [7, 15, 23, 31],
    };

    /// <inheritdoc/>
    public override Backbone Create() => new ImageEncoder(this);

    /// <summary>Whether a block attends over the whole grid.</summary>
    public bool IsGlobal(int block) => WindowSize == 0 || GlobalBlocks.Contains(block);

    /// <summary>These options, checked.</summary>
    /// <exception cref="ArgumentException">Two of them contradict each other.</exception>
    public EncoderOptions Validated()
    {
        Require(InputChannels > 0 && BlockCount > 0 && OutputChannels > 0 && MlpRatio > 0,
            "InputChannels, BlockCount, OutputChannels and MlpRatio must be positive.");
        Require(PatchSize > 0 && HeadCount > 0 && EmbeddingWidth % HeadCount == 0,
            $"EmbeddingWidth {EmbeddingWidth} is not a multiple of HeadCount {HeadCount}.");
        Require(WindowSize >= 0, $"WindowSize {WindowSize} is negative; 0 means global attention.");
        foreach (int block in GlobalBlocks)
            Require(block >= 0 && block < BlockCount, $"GlobalBlocks names block {block}, but BlockCount is {BlockCount}.");
        Adapter?.Validated();
        Require(HasTransformer || Adapter is null, "HasTransformer is false, but Adapter is set, which sits in the transformer's blocks; choose one.");
        if (Adapter is DepthAwareOptions depth)
            Require(EmbeddingWidth % depth.Reduction == 0, $"Adapter's Reduction {depth.Reduction} does not divide EmbeddingWidth {EmbeddingWidth}.");
        if (WhyRefused(ImageSize) is { } reason)
            throw new ArgumentException($"ImageSize: {reason}");
        return this;
    }

    /// <inheritdoc/>
    public override string? WhyRefused(Size3 volume)
    {
        if (WhyNotWholePatches(volume) is { } reason)
            return reason;
        if (!volume.IsCubic && RelativePosition == RelativePosition.Published && Enumerable.Range(0, BlockCount).Any(IsGlobal))
            return $"A volume of {volume} voxels gives a non-cubic grid, on which the published relative positions are not defined "
                + "in global blocks; use a cube, or RelativePosition.Decomposed.";
        return null;
    }

    private static void Require(bool holds, string message)
    {
        if (!holds)
            throw new ArgumentException(message);
    }
}
