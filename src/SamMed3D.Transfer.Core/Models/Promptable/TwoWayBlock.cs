namespace SamMed3D.Transfer;

/// <summary>
/// Tokens attend to each other and to the image, then the image attends to the tokens: SAM's `TwoWayAttentionBlock`. Each step is
/// followed by its norm.
/// </summary>
internal sealed class TwoWayBlock : Module<Tensor, Tensor, Tensor, Tensor, (Tensor Tokens, Tensor Image)>
{
    private readonly TokenAttention self_attn;
    private readonly LayerNorm norm1;
    private readonly TokenAttention cross_attn_token_to_image;
    private readonly LayerNorm norm2;
    private readonly TokenMlp mlp;
    private readonly LayerNorm norm3;
    private readonly LayerNorm norm4;
    private readonly TokenAttention cross_attn_image_to_token;

    private readonly bool _isFirst;

    public TwoWayBlock(MaskDecoderOptions options, bool isFirst)
        : base(nameof(TwoWayBlock))
    {
        _isFirst = isFirst;
        self_attn = new TokenAttention(options.Width, options.HeadCount, 1);
        norm1 = LayerNorm(options.Width);
        cross_attn_token_to_image = new TokenAttention(options.Width, options.HeadCount, options.AttentionDownsampling);
        norm2 = LayerNorm(options.Width);
        mlp = new TokenMlp(options.Width, options.MlpWidth);
        norm3 = LayerNorm(options.Width);
        norm4 = LayerNorm(options.Width);
        cross_attn_image_to_token = new TokenAttention(options.Width, options.HeadCount, options.AttentionDownsampling);
        RegisterComponents();
    }

    /// <param name="tokens">[N, T, C].</param>
    /// <param name="image">[N, L, C].</param>
    /// <param name="tokenPositions">[N, T, C]: the tokens as they entered the transformer.</param>
    /// <param name="imagePositions">[N or 1, L, C].</param>
    /// <returns>Both, of the same shapes.</returns>
    public override (Tensor Tokens, Tensor Image) forward(Tensor tokens, Tensor image, Tensor tokenPositions, Tensor imagePositions)
    {
        using var scope = NewDisposeScope();
        // Published: the first block's self-attention replaces its queries, which are the positions themselves.
        tokens = _isFirst ? self_attn.call(tokens, tokens, tokens) : tokens + SelfAttention(tokens, tokens + tokenPositions);
        tokens = norm1.call(tokens);

        var placedImage = image + imagePositions;
        tokens = norm2.call(tokens + cross_attn_token_to_image.call(tokens + tokenPositions, placedImage, image));
        tokens = norm3.call(tokens + mlp.call(tokens));
        image = norm4.call(image + cross_attn_image_to_token.call(placedImage, tokens + tokenPositions, tokens));
        return (tokens.MoveToOuterDisposeScope(), image.MoveToOuterDisposeScope());
    }

    private Tensor SelfAttention(Tensor tokens, Tensor placed) => self_attn.call(placed, placed, tokens);
}
