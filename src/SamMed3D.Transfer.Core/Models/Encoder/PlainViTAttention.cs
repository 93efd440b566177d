namespace SamMed3D.Transfer;

/// <summary>Scaled dot-product attention of all tokens with all tokens. MONAI's <c>SABlock</c>.</summary>
internal sealed class PlainViTAttention : Module<Tensor, Tensor>
{
    private readonly Linear qkv;
    private readonly Linear out_proj;

    private readonly int _headCount;

    public PlainViTAttention(PlainViTOptions options)
        : base(nameof(PlainViTAttention))
    {
        _headCount = options.HeadCount;
        qkv = Linear(options.EmbeddingWidth, 3L * options.EmbeddingWidth, options.HasAttentionBias);
        out_proj = Linear(options.EmbeddingWidth, options.EmbeddingWidth);
        RegisterComponents();
    }

    /// <param name="tokens">[N, L, E].</param>
    /// <returns>[N, L, E].</returns>
    public override Tensor forward(Tensor tokens)
    {
        using var scope = NewDisposeScope();
        var (batch, count, width) = (tokens.shape[0], tokens.shape[1], tokens.shape[2]);
        var parts = Product.Of(qkv, tokens)
            .view(batch, count, 3, _headCount, width / _headCount)
            .permute(2, 0, 3, 1, 4)
            .unbind(0);                                         // 3 x [N, H, L, E/H]
        var attended = Product.Attention(parts[0], parts[1], parts[2], bias: null);
        return Product.Of(out_proj, attended.transpose(1, 2).reshape(batch, count, width)).MoveToOuterDisposeScope();
    }
}
