namespace SamMed3D.Transfer;

/// <summary>Size and wiring of an encoder that cuts a volume into cubic patches and gives one feature grid per block.</summary>
public abstract record BackboneOptions
{
    /// <summary>Channels of the input volume.</summary>
    public int InputChannels { get; init; } = 1;

    /// <summary>Voxels of the volume that the encoder is built for. Each extent is a multiple of <see cref="PatchSize"/>.</summary>
    public Size3 ImageSize { get; init; } = 128;

    /// <summary>Edge of a cubic patch, in voxels: the stride of every feature grid.</summary>
    public int PatchSize { get; init; } = 16;

    /// <summary>Channels of a token.</summary>
    public int EmbeddingWidth { get; init; } = 768;

    /// <summary>Transformer blocks.</summary>
    public int BlockCount { get; init; } = 12;

    /// <summary>Attention heads of a block; a divisor of <see cref="EmbeddingWidth"/>.</summary>
    public int HeadCount { get; init; } = 12;

    /// <summary>
    /// Whether there are transformer blocks at all. Without, every tap gives the tokens of the patch embedding: the control that shows what the
    /// transformer adds under a decoder. <see cref="BlockCount"/> goes on naming the taps, but no block is built.
    /// </summary>
    public bool HasTransformer { get; init; } = true;

    /// <summary>Blocks that are built.</summary>
    internal int BuiltBlockCount => HasTransformer ? BlockCount : 0;

    /// <summary>Tokens along each axis for <see cref="ImageSize"/>.</summary>
    public Size3 Grid => new(ImageSize.X / PatchSize, ImageSize.Y / PatchSize, ImageSize.Z / PatchSize);

    /// <summary>Builds the encoder with fresh weights; the caller owns it.</summary>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public abstract Backbone Create();

    /// <summary>Why a volume of this size cannot be encoded, naming the sizes that can; null when it can.</summary>
    public abstract string? WhyRefused(Size3 volume);

    /// <summary>Why a volume cannot be cut into whole patches, naming the nearest sizes that can; null when it can.</summary>
    protected string? WhyNotWholePatches(Size3 volume)
    {
        var fits = true;
        for (var axis = 0; axis < 3; axis++)
            fits &= volume[axis] > 0 && volume[axis] % PatchSize == 0;
        if (fits)
            return null;
        return $"A volume of {volume} voxels cannot be cut into patches of {PatchSize}; sizes that fit are multiples of {PatchSize} "
            + $"along each axis, such as {Rounded(volume, 0)} or {Rounded(volume, 1)}.";
    }

    private Size3 Rounded(Size3 volume, int up)
    {
        int Round(int extent) => Math.Max(1, extent / PatchSize + (extent % PatchSize == 0 ? 0 : up)) * PatchSize;
        return new(Round(volume.X), Round(volume.Y), Round(volume.Z));
    }
}
