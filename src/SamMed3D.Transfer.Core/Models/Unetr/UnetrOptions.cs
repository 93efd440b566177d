using System.Numerics;

namespace SamMed3D.Transfer;

/// <summary>
/// Which encoder UNETR decodes, and how. The defaults are MONAI 1.3.2's UNETR. The number of levels follows from the
/// encoder's patch: 16 gives MONAI's four, 8 gives three, and so on, down to 2 and up to 32.
/// </summary>
public sealed record UnetrOptions : ModelOptions
{
    private readonly IReadOnlyList<FeatureTap>? _taps;

    /// <summary>The encoder.</summary>
    public BackboneOptions Backbone { get; init; } = new PlainViTOptions();

    /// <inheritdoc/>
    public override int VolumeChannels => Backbone.InputChannels;

    /// <inheritdoc/>
    public override Size3 VolumeSize => Backbone.ImageSize;

    /// <summary>Channels at full resolution; they double with each coarser level. Multiples of 16 compute fastest on a CPU.</summary>
    public int FeatureSize { get; init; } = 16;

    /// <summary>
    /// The blocks that are decoded, the finest level's first: as many as there are levels. Unless set, they are spread evenly over the
    /// encoder. For <see cref="PlainViTOptions"/> as MONAI counts (of 12 blocks: 3, 6, 9 and the normed last), else
    /// as the paper does (2, 5, 8, 11, which in SAM-Med3D are the blocks with global attention).
    /// </summary>
    public IReadOnlyList<FeatureTap> Taps
    {
        get => _taps ?? SpreadTaps();
        init => _taps = value;
    }

    /// <summary>Whether each doubling of a tap, after its first, is followed by a convolution block.</summary>
    public bool HasConvBlock { get; init; } = true;

    /// <summary>Whether convolution blocks have a residual.</summary>
    public bool HasResidualBlock { get; init; } = true;

    /// <summary>Whether the decoder's instance norms learn a scale and an offset. MONAI's do not, unless told so.</summary>
    public bool HasAffineNorm { get; init; }

    /// <summary>
    /// Whether convolution blocks and pooling (not in MONAI) carry the volume itself down the levels and are added to the tapped skips.
    /// A plain UNETR sees the finest detail through two convolutions only, 5 voxels wide, and all else in whole patches;
    /// these give the decoder the detail of a U-Net, while the transformer supplies the context.
    /// </summary>
    public bool HasConvolutionalSkips { get; init; }

    /// <summary>How often the decoder doubles the resolution: the base-2 logarithm of the patch.</summary>
    public int LevelCount => BitOperations.Log2((uint)Backbone.PatchSize);

    /// <summary>MONAI's UNETR with its default sizes: 12 blocks of width 768, patch 16.</summary>
    /// <param name="inputChannels">Channels of the volume.</param>
    /// <param name="classes">Channels of the output.</param>
    /// <param name="size">Voxels of the volume.</param>
    public static UnetrOptions Monai(int inputChannels, int classes, Size3 size) => new()
    {
        Backbone = new PlainViTOptions { InputChannels = inputChannels, ImageSize = size },
        ClassCount = classes,
    };

    /// <summary>SAM-Med3D's released encoder under MONAI's decoder: 128^3 voxels, taps after the four blocks with global attention.</summary>
    /// <param name="classes">Channels of the output.</param>
    public static UnetrOptions ForSamMed3D(int classes) => new() { Backbone = EncoderOptions.SamMed3D, ClassCount = classes };

    /// <inheritdoc/>
    public override Unetr Create() => new(Validated().Backbone.Create(), this);

    /// <inheritdoc/>
    public override string? WhyRefused(Size3 volume) => Backbone.WhyRefused(volume);

    /// <summary>These options, when they fit together.</summary>
    /// <exception cref="ArgumentException">They contradict each other; the message names both sides.</exception>
    public UnetrOptions Validated()
    {
        if (Backbone is null)
            throw new ArgumentException("Backbone is missing.");
        if (ClassCount < 0)
            throw new ArgumentException($"ClassCount is {ClassCount}; it must be at least 1.");
        if (FeatureSize < 1)
            throw new ArgumentException($"FeatureSize is {FeatureSize}; it must be at least 1.");
        if (Backbone.PatchSize is < 2 or > 32 || !BitOperations.IsPow2(Backbone.PatchSize))
            throw new ArgumentException(
                $"The encoder's PatchSize is {Backbone.PatchSize}, but UNETR doubles the resolution: choose 2, 4, 8, 16 or 32.");
        if (_taps is null && Backbone.BlockCount < LevelCount)
            throw new ArgumentException(
                $"The encoder's BlockCount is {Backbone.BlockCount}, but PatchSize {Backbone.PatchSize} gives {LevelCount} levels, each of which "
                + $"decodes a block of its own: use {LevelCount} blocks or more, or name Taps.");
        if (Taps.Count != LevelCount)
            throw new ArgumentException(
                $"Taps name {Taps.Count} blocks, but PatchSize {Backbone.PatchSize} gives {LevelCount} levels: name {LevelCount}.");
        foreach (var tap in Taps)
            if (tap.Block < 0 || tap.Block >= Backbone.BlockCount)
                throw new ArgumentException($"Taps name block {tap.Block}, but the encoder has blocks 0 to {Backbone.BlockCount - 1}.");
        return this;
    }

    private FeatureTap[] SpreadTaps()
    {
        int levels = LevelCount;
        int Block(int level) => Backbone.BlockCount * level / levels;
        return Backbone is PlainViTOptions
            ? [.. Enumerable.Range(1, levels - 1).Select(level => (FeatureTap)Block(level)), new(Backbone.BlockCount - 1, IsNormalized: true)]
            : [.. Enumerable.Range(1, levels).Select(level => (FeatureTap)(Block(level) - 1))];
    }
}
