namespace SamMed3D.Transfer;

/// <summary>The transformer between prompt tokens and image embedding: SAM's `TwoWayTransformer`, in SAM-Med3D over three axes.</summary>
internal sealed class TwoWayTransformer : Module<Tensor, Tensor, Tensor, (Tensor Tokens, Tensor Image)>
{
    private readonly ModuleList<TwoWayBlock> layers;
    private readonly TokenAttention final_attn_token_to_image;
    private readonly LayerNorm norm_final_attn;

    /// <summary>Fresh weights.</summary>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public TwoWayTransformer(MaskDecoderOptions options)
        : base(nameof(TwoWayTransformer))
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validated();
        layers = new ModuleList<TwoWayBlock>(
            [.. Enumerable.Range(0, options.BlockCount).Select(block => new TwoWayBlock(options, isFirst: block == 0))]);
        final_attn_token_to_image = new TokenAttention(options.Width, options.HeadCount, options.AttentionDownsampling);
        norm_final_attn = LayerNorm(options.Width);
        RegisterComponents();
    }

    /// <param name="image">[N, L, C], the cells of the image embedding.</param>
    /// <param name="imagePositions">[N or 1, L, C].</param>
    /// <param name="tokens">[N, T, C], which are their own positions.</param>
    /// <returns>[N, T, C] and [N, L, C]; the caller owns both.</returns>
    public override (Tensor Tokens, Tensor Image) forward(Tensor image, Tensor imagePositions, Tensor tokens)
    {
        using var scope = NewDisposeScope();
        var (refined, seen) = (tokens, image);
        foreach (var layer in layers)
            (refined, seen) = layer.call(refined, seen, tokens, imagePositions);
        var attended = final_attn_token_to_image.call(refined + tokens, seen + imagePositions, seen);
        return (norm_final_attn.call(refined + attended).MoveToOuterDisposeScope(), seen.MoveToOuterDisposeScope());
    }

    internal IReadOnlyList<TwoWayBlock> Layers => [.. layers];
}
