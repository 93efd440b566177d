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

    /// <summary>Tokens along each axis for <see cref="ImageSize"/>.</summary>
    public Size3 Grid => new(ImageSize.X / PatchSize, ImageSize.Y / PatchSize, ImageSize.Z / PatchSize);

    /// <summary>Builds the encoder with fresh weights; the caller owns it.</summary>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public abstract Backbone Create();

    /// <summary>Why a volume of this size cannot be encoded, naming the sizes that can; null when it can.</summary>
    public abstract string? WhyRefused(Size3 volume);
}
