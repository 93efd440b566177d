namespace SamMed3D.Transfer;

/// <summary>
/// UNETR's own backbone: a plain vision transformer over cubic patches with learned positions and global attention.
/// Equal to MONAI's <c>ViT</c> (Hatamizadeh et al. 2022, "UNETR"; Dosovitskiy et al. 2021).
/// </summary>
public sealed class PlainViT : Backbone, IComputesNarrow
{
    private readonly PlainViTPatchEmbedding patch_embedding;
    private readonly ModuleList<PlainViTBlock> blocks;
    private readonly LayerNorm norm;

    private readonly PlainViTOptions _options;
    private ComputePrecision _precision;

    /// <summary>Builds the encoder with fresh weights.</summary>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public PlainViT(PlainViTOptions options)
        : base(nameof(PlainViT))
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Validated();
        patch_embedding = new PlainViTPatchEmbedding(options);
        blocks = new ModuleList<PlainViTBlock>([.. Enumerable.Range(0, options.BuiltBlockCount).Select(_ => new PlainViTBlock(options))]);
        norm = LayerNorm(options.EmbeddingWidth);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override BackboneOptions Options => _options;

    ComputePrecision IComputesNarrow.Precision
    {
        get => _precision;
        set => _precision = value;
    }

    /// <summary>The last block's output under the final norm.</summary>
    /// <param name="volume">[N, C, X, Y, Z], each extent a multiple of the patch.</param>
    /// <returns>[N, E, X/P, Y/P, Z/P]; the caller owns it.</returns>
    /// <exception cref="ArgumentException">The volume has another shape.</exception>
    public override Tensor forward(Tensor volume) =>
        Features(volume, [new FeatureTap(_options.BlockCount - 1, IsNormalized: true)])[0];

    /// <inheritdoc/>
    public override BackboneFeatures Features(Tensor volume, IReadOnlyList<FeatureTap> taps)
    {
        RequireTaps(taps);
        var size = RequireVolume(volume);
        var grid = new Size3(size.X / _options.PatchSize, size.Y / _options.PatchSize, size.Z / _options.PatchSize);
        int lastBlock = taps.Select(tap => tap.Block).DefaultIfEmpty(-1).Max();

        using var scope = NewDisposeScope();
        var maps = new FeatureMap[taps.Count];
        var tokens = patch_embedding.call(_precision.Narrow(volume));              // [N, L, E]
        for (int block = 0; block <= lastBlock; block++)
        {
            if (_options.HasTransformer)
                tokens = Run(blocks[block], tokens);
            for (int i = 0; i < taps.Count; i++)
                if (taps[i].Block == block)
                    maps[i] = Map(tokens, taps[i], grid);
        }

        return new BackboneFeatures(maps);
    }

    /// <summary>Decoders convolve, so channels come first in memory too.</summary>
    private FeatureMap Map(Tensor tokens, FeatureTap tap, Size3 grid)
    {
        var values = (tap.IsNormalized ? norm.call(tokens) : tokens)
            .transpose(1, 2).contiguous().view(tokens.shape[0], _options.EmbeddingWidth, grid.X, grid.Y, grid.Z);
        return new FeatureMap(values.MoveToOuterDisposeScope(), tap, _options.EmbeddingWidth, _options.PatchSize);
    }
}
