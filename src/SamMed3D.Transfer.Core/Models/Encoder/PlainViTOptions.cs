namespace SamMed3D.Transfer;

/// <summary>Size and wiring of a plain 3D vision transformer. The defaults are those of MONAI 1.3.2's ViT inside its UNETR.</summary>
public sealed record PlainViTOptions : BackboneOptions
{
    /// <summary>Width of the hidden layer of a block's MLP.</summary>
    public int MlpWidth { get; init; } = 3072;

    /// <summary>How the patch embedding is stored.</summary>
    public PatchProjection PatchProjection { get; init; } = PatchProjection.Convolution;

    /// <summary>Whether queries, keys and values have a bias.</summary>
    public bool HasAttentionBias { get; init; }

    /// <summary>These options, when they fit together.</summary>
    /// <exception cref="ArgumentException">They contradict each other; the message names both sides.</exception>
    public PlainViTOptions Validated()
    {
        foreach (var (name, value) in new[]
        {
            (nameof(InputChannels), InputChannels), (nameof(PatchSize), PatchSize), (nameof(EmbeddingWidth), EmbeddingWidth),
            (nameof(BlockCount), BlockCount), (nameof(HeadCount), HeadCount), (nameof(MlpWidth), MlpWidth),
        })
            if (value < 1)
                throw new ArgumentException($"{name} is {value}; it must be at least 1.");
        if (EmbeddingWidth % HeadCount != 0)
            throw new ArgumentException($"EmbeddingWidth {EmbeddingWidth} cannot be split over HeadCount {HeadCount}; choose a multiple of it.");
        return WhyRefused(ImageSize) is { } reason ? throw new ArgumentException($"ImageSize: {reason}") : this;
    }

    /// <inheritdoc/>
    public override Backbone Create() => new PlainViT(this);

    /// <inheritdoc/>
    public override string? WhyRefused(Size3 volume) => WhyNotWholePatches(volume);
}
