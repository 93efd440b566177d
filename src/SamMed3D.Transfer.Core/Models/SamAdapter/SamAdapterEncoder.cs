namespace SamMed3D.Transfer;

/// <summary>
/// 3DSAM-adapter's image encoder (`ImageEncoderViT_3d_v2`, Gong et al., arXiv 2306.13465): a frozen 2D SAM that sees volumes through trained
/// adapters. Checkpoint keys equal the published ones without the `image_encoder.` prefix.
/// </summary>
/// <remarks>
/// What learns is decided here, by <see cref="SamAdapterOptions.Trains"/>: the others want no gradient. The volume gets none either, because the
/// 2D patch embedding is run without, as published. Different from the published code: the masks of the shifted windows are computed and not
/// stored (400 MB of constants at full size), the volume is enlarged slice by slice, an axis with a single window is not shifted, and tables fit
/// themselves to another grid than the one that the encoder was built for. X, Y and Z are the published rows, columns and slices.
/// </remarks>
public sealed class SamAdapterEncoder : Backbone, IComputesNarrow
{
    private readonly Parameter pos_embed;
    private readonly Parameter depth_embed;
    private readonly SamPatchProjection patch_embed;
    private readonly Conv3d slice_embed;
    private readonly ModuleList<SamAdapterBlock> blocks;
    private readonly ModuleList<EncoderNeck> neck_3d;

    private readonly SamAdapterOptions _options;
    private ComputePrecision _precision;

    /// <summary>Fresh weights; load those of a 2D SAM before use.</summary>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public SamAdapterEncoder(SamAdapterOptions options)
        : base(nameof(SamAdapterEncoder))
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Validated();
        int width = options.EmbeddingWidth;
        pos_embed = new Parameter(zeros(1, options.SamGrid, options.SamGrid, width));
        depth_embed = new Parameter(ones(1, options.Grid.Z, width));
        patch_embed = new SamPatchProjection(width, options.SamPatchSize);
        slice_embed = Conv3d(width, width, (1, 1, options.SlicesPerToken), stride: (1, 1, options.SlicesPerToken), groups: width);
        blocks = new ModuleList<SamAdapterBlock>([.. Enumerable.Range(0, options.BlockCount).Select(block => new SamAdapterBlock(options, block))]);
        neck_3d = new ModuleList<EncoderNeck>([.. options.NeckBlocks.Select(_ => new EncoderNeck(width, options.OutputChannels))]);
        RegisterComponents();
        foreach (var (name, parameter) in named_parameters())
            parameter.requires_grad = SamAdapterOptions.Trains(name);
    }

    /// <inheritdoc/>
    public override BackboneOptions Options => _options;

    ComputePrecision IComputesNarrow.Precision
    {
        get => _precision;
        set => _precision = value;
    }

    /// <summary>The main output: the last neck's.</summary>
    /// <param name="volume">[N, C, X, Y, Z].</param>
    /// <returns>[N, <see cref="SamAdapterOptions.OutputChannels"/>, X/P, Y/P, Z/P]; the caller owns it.</returns>
    /// <exception cref="ArgumentException">The volume has a shape that does not fit.</exception>
    public override Tensor forward(Tensor volume)
    {
        RequireVolume(volume);
        using var scope = NewDisposeScope();
        var tokens = Embed(volume, GridOf(volume));
        foreach (var block in blocks)
            tokens = Run(block, tokens);
        return Neck(_options.NeckBlocks.Count - 1, tokens).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    /// <remarks>Taps are plain block outputs; the necks are for 3DSAM-adapter's own decoder.</remarks>
    public override BackboneFeatures Features(Tensor volume, IReadOnlyList<FeatureTap> taps)
    {
        RequireVolume(volume);
        RequireTaps(taps);
        if (taps.Any(tap => tap.IsNormalized))
            throw new ArgumentException("3DSAM-adapter's encoder has no final norm; ask for plain block outputs.", nameof(taps));
        using var scope = NewDisposeScope();
        var tokens = Embed(volume, GridOf(volume));
        var byBlock = new Dictionary<int, Tensor>();
        int last = taps.Count == 0 ? -1 : taps.Max(tap => tap.Block);
        for (var block = 0; block <= last; block++)
        {
            tokens = Run(blocks[block], tokens);
            if (taps.Any(tap => tap.Block == block))
                byBlock[block] = tokens;
        }

        return new BackboneFeatures([.. taps.Select(tap => new FeatureMap(
            byBlock[tap.Block].permute(0, 4, 1, 2, 3).MoveToOuterDisposeScope(), tap, _options.EmbeddingWidth, _options.PatchSize))]);
    }

    /// <summary>Gives the new axis the positions that it starts with: to be called after the weights of a 2D SAM are loaded.</summary>
    public void StartDepthPositions()
    {
        foreach (var block in blocks)
            block.Attention.StartDepthPositions();
    }

    /// <summary>Tokens of the volume with their positions: [N, X', Y', Z', E], the input of block 0.</summary>
    /// <param name="volume">[N, C, X, Y, Z].</param>
    /// <param name="grid">X', Y', Z'. The volume is enlarged to whole patches and slices, where it is not of that size.</param>
    internal Tensor Embed(Tensor volume, Size3 grid)
    {
        using var scope = NewDisposeScope();
        Tensor slices;
        using (no_grad())
            slices = _precision.Widen(SlicePatches.Embed(_precision.Narrow(volume), grid, patch_embed.Weight, patch_embed.Bias));
        var tokens = SlicePatches.Gather(slices, grid.Z, slice_embed.weight!, slice_embed.bias!);
        return (tokens + PlanePositions(grid) + DepthPositions(grid)).MoveToOuterDisposeScope();
    }

    internal IReadOnlyList<SamAdapterBlock> Blocks => [.. blocks];

    /// <summary>A neck's output [N, C', X', Y', Z'] for tokens [N, X', Y', Z', E].</summary>
    internal Tensor Neck(int index, Tensor tokens) => neck_3d[index].call(tokens);

    /// <summary>[1, X', Y', 1, E].</summary>
    private Tensor PlanePositions(Size3 grid)
    {
        var pooled = functional.avg_pool2d(pos_embed.permute(0, 3, 1, 2), 2);
        if (pooled.shape[2] != grid.X || pooled.shape[3] != grid.Y)
            pooled = functional.interpolate(pooled, size: [grid.X, grid.Y], mode: InterpolationMode.Bilinear, align_corners: false);
        return pooled.permute(0, 2, 3, 1).unsqueeze(3);
    }

    /// <summary>[1, 1, 1, Z', E].</summary>
    private Tensor DepthPositions(Size3 grid) =>
        PositionTables.ResizeRelative(depth_embed.squeeze(0), grid.Z).view(1, 1, 1, grid.Z, _options.EmbeddingWidth);

    private Size3 GridOf(Tensor volume) =>
        new((int)volume.shape[2] / _options.PatchSize, (int)volume.shape[3] / _options.PatchSize, (int)volume.shape[4] / _options.PatchSize);
}
