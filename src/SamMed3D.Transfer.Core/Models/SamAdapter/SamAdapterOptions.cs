namespace SamMed3D.Transfer;

/// <summary>
/// Size and wiring of <see cref="SamAdapterEncoder"/>. The defaults are 3DSAM-adapter's on the 2D SAM `vit_b`: a cube of 128 voxels is
/// enlarged to 512 pixels, each 16 x 16 x 16 of which become a token, so that a token stands for 4^3 voxels.
/// </summary>
public sealed record SamAdapterOptions : BackboneOptions
{
    private const int Necks = 4;

    /// <summary>The published sizes.</summary>
    public SamAdapterOptions() => PatchSize = 4;

    /// <summary>Edge of the square patch of the 2D SAM, in pixels. A patch of <see cref="BackboneOptions.PatchSize"/> voxels is enlarged to it.</summary>
    public int SamPatchSize { get; init; } = 16;

    /// <summary>Enlarged slices that are gathered into one token.</summary>
    public int SlicesPerToken { get; init; } = 16;

    /// <summary>Edge of the 2D SAM's own table of absolute positions, in tokens. It is pooled by 2.</summary>
    public int SamGrid { get; init; } = 64;

    /// <summary>Edge of the 2D SAM's attention windows, in tokens: it gives the length of its relative tables, which are resized to <see cref="WindowSize"/>.</summary>
    public int SamWindowSize { get; init; } = 14;

    /// <summary>Blocks that attended over the whole image in the 2D SAM, counted from 0: their relative tables have the length of <see cref="SamGrid"/>.</summary>
    public IReadOnlyList<int> SamGlobalBlocks { get; init; } = [2, 5, 8, 11];

    /// <summary>Edge of the cubic attention windows of all blocks, in tokens. It divides the grid.</summary>
    public int WindowSize { get; init; } = 8;

    /// <summary>Width of a block's MLP as a multiple of the embedding width; the product is truncated to a whole number.</summary>
    public double MlpRatio { get; init; } = 4;

    /// <summary>Channels after the necks.</summary>
    public int OutputChannels { get; init; } = 256;

    /// <summary>Epsilon of the blocks' layer norms. The necks' is always 1e-6.</summary>
    public double LayerNormEpsilon { get; init; } = 1e-6;

    /// <summary>The published encoder on the 2D SAM `vit_b`.</summary>
    public static SamAdapterOptions SamViTB { get; } = new();

    /// <summary>The blocks after which a neck follows: the last of each quarter.</summary>
    public IReadOnlyList<int> NeckBlocks => [.. Enumerable.Range(1, Necks).Select(quarter => BlockCount * quarter / Necks - 1)];

    /// <inheritdoc/>
    public override Backbone Create() => new SamAdapterEncoder(this);

    /// <summary>Whether a parameter learns: what 3DSAM-adapter added (but for the factor that stays at 1), and the norms. What else it took from the 2D SAM stays.</summary>
    /// <param name="name">Its name in the encoder.</param>
    public static bool Trains(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Contains(".norm", StringComparison.Ordinal) || (IsAdded(name) && !name.EndsWith(".attn.lr", StringComparison.Ordinal));
    }

    /// <summary>Whether a parameter is 3DSAM-adapter's own, so that no checkpoint of a 2D SAM has it.</summary>
    /// <param name="name">Its name in the encoder.</param>
    public static bool IsAdded(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.StartsWith("slice_embed.", StringComparison.Ordinal) || name.StartsWith("neck_3d.", StringComparison.Ordinal)
            || name.Contains(".adapter.", StringComparison.Ordinal) || name == "depth_embed"
            || name.EndsWith(".rel_pos_d", StringComparison.Ordinal) || name.EndsWith(".attn.lr", StringComparison.Ordinal);
    }

    /// <summary>These options, checked.</summary>
    /// <exception cref="ArgumentException">Two of them contradict each other.</exception>
    public SamAdapterOptions Validated()
    {
        Require(InputChannels is 1 or 3, $"InputChannels is {InputChannels}; a 2D SAM takes 1 (used for all three colours) or 3.");
        Require(HasTransformer, "HasTransformer is false, but 3DSAM-adapter's encoder is nothing without its blocks; use EncoderOptions or PlainViTOptions.");
        Require(BlockCount > 0 && BlockCount % Necks == 0, $"BlockCount is {BlockCount}; a neck follows each quarter, so it must be a multiple of {Necks}.");
        Require(OutputChannels > 0 && MlpRatio > 0 && SlicesPerToken > 0 && SamPatchSize > 0 && SamWindowSize > 0,
            "OutputChannels, MlpRatio, SlicesPerToken, SamPatchSize and SamWindowSize must be positive.");
        Require(SamGrid > 0 && SamGrid % 2 == 0, $"SamGrid is {SamGrid}; its table is pooled by 2, so it must be even.");
        Require(PatchSize > 0 && HeadCount > 0 && EmbeddingWidth % HeadCount == 0,
            $"EmbeddingWidth {EmbeddingWidth} is not a multiple of HeadCount {HeadCount}.");
        Require(EmbeddingWidth % 2 == 0, $"EmbeddingWidth is {EmbeddingWidth}; the adapters have half of it, so it must be even.");
        Require(WindowSize > 0, $"WindowSize is {WindowSize}; it must be positive.");
        foreach (int block in SamGlobalBlocks)
            Require(block >= 0 && block < BlockCount, $"SamGlobalBlocks names block {block}, but BlockCount is {BlockCount}.");
        if (WhyRefused(ImageSize) is { } reason)
            throw new ArgumentException($"ImageSize: {reason}");
        return this;
    }

    /// <inheritdoc/>
    public override string? WhyRefused(Size3 volume)
    {
        if (WhyNotWholePatches(volume) is { } reason)
            return reason;
        int edge = PatchSize * WindowSize;
        return Enumerable.Range(0, 3).All(axis => volume[axis] % edge == 0)
            ? null
            : $"A volume of {volume} voxels cannot be cut into attention windows of {WindowSize} patches of {PatchSize} voxels; "
                + $"use multiples of {edge} along each axis, or a smaller WindowSize.";
    }

    private static void Require(bool holds, string message)
    {
        if (!holds)
            throw new ArgumentException(message);
    }
}
