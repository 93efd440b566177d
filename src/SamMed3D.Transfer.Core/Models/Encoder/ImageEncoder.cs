namespace SamMed3D.Transfer;

/// <summary>
/// SAM-Med3D's image encoder (`ImageEncoderViT3D`, Wang et al., arXiv 2310.15161): a 3D vision transformer with window and global
/// attention, and a convolutional neck. Checkpoint keys equal the published ones without the `image_encoder.` prefix.
/// </summary>
/// <remarks>
/// Equal to the published model to rounding, at about a tenth of its cost: pad tokens of the windows are never computed. A volume of
/// another size than the encoder was built for resizes its position tables on the fly (the published code refuses it).
/// </remarks>
public sealed class ImageEncoder : Backbone, IComputesNarrow
{
    private readonly PatchEmbedding patch_embed;
    private readonly Parameter? pos_embed;
    private readonly ModuleList<EncoderBlock> blocks;
    private readonly EncoderNeck neck;

    private readonly EncoderOptions _options;
    private ComputePrecision _precision;

    /// <summary>Fresh weights; position tables start at zero, as published. What <see cref="EncoderOptions.Adapter"/> leaves alone wants no gradient.</summary>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public ImageEncoder(EncoderOptions options)
        : base(nameof(ImageEncoder))
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Validated();
        patch_embed = new PatchEmbedding(options.InputChannels, options.EmbeddingWidth, options.PatchSize);
        if (options.HasAbsolutePositions)
            pos_embed = new Parameter(zeros([1, options.Grid.X, options.Grid.Y, options.Grid.Z, options.EmbeddingWidth]));
        blocks = new ModuleList<EncoderBlock>(
            [.. Enumerable.Range(0, options.BuiltBlockCount).Select(block => new EncoderBlock(options, options.IsGlobal(block)))]);
        neck = new EncoderNeck(options.EmbeddingWidth, options.OutputChannels);
        RegisterComponents();
        options.Adapter?.Freeze(this);
    }

    /// <inheritdoc/>
    /// <remarks>Not covariant: TorchSharp's `to()` refuses a module with two properties of one name.</remarks>
    public override BackboneOptions Options => _options;

    ComputePrecision IComputesNarrow.Precision
    {
        get => _precision;
        set => _precision = value;
    }

    /// <summary>The image embedding that SAM-Med3D's mask decoder takes.</summary>
    /// <param name="input">[N, C, X, Y, Z].</param>
    /// <returns>[N, <see cref="EncoderOptions.OutputChannels"/>, X/P, Y/P, Z/P]; the caller owns it.</returns>
    /// <exception cref="ArgumentException">The volume has a shape that does not fit.</exception>
    public override Tensor forward(Tensor input)
    {
        RequireVolume(input);
        using var scope = NewDisposeScope();
        var tokens = Embed(input);
        foreach (var block in blocks)
            tokens = Run(block, tokens);
        return neck.call(tokens).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    /// <remarks>The encoder has no final norm: taps are plain block outputs, as the paper's UNETR takes them.</remarks>
    public override BackboneFeatures Features(Tensor volume, IReadOnlyList<FeatureTap> taps)
    {
        RequireVolume(volume);
        RequireTaps(taps);
        if (taps.Any(tap => tap.IsNormalized))
            throw new ArgumentException("SAM-Med3D's encoder has no final norm; ask for plain block outputs.", nameof(taps));
        using var scope = NewDisposeScope();
        var tokens = Embed(volume);
        var byBlock = new Dictionary<int, Tensor>();
        int last = taps.Count == 0 ? -1 : taps.Max(tap => tap.Block);
        for (var block = 0; block <= last; block++)
        {
            if (_options.HasTransformer)
                tokens = Run(blocks[block], tokens);
            if (taps.Any(tap => tap.Block == block))
                byBlock[block] = tokens;
        }

        return new BackboneFeatures([.. taps.Select(tap => new FeatureMap(
            byBlock[tap.Block].permute(0, 4, 1, 2, 3).MoveToOuterDisposeScope(), tap, _options.EmbeddingWidth, _options.PatchSize))]);
    }

    /// <summary>Tokens of the volume with their absolute positions: [N, X/P, Y/P, Z/P, C], the input of block 0.</summary>
    internal Tensor Embed(Tensor volume)
    {
        using var scope = NewDisposeScope();
        var tokens = _precision.Widen(patch_embed.call(_precision.Narrow(volume)));
        if (pos_embed is not null)
            tokens = tokens + PositionTables.ResizeAbsolute(pos_embed, new((int)tokens.shape[1], (int)tokens.shape[2], (int)tokens.shape[3]));
        return tokens.MoveToOuterDisposeScope();
    }

    internal IReadOnlyList<EncoderBlock> Blocks => [.. blocks];
}
