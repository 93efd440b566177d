namespace SamMed3D.Transfer;

/// <summary>Self-attention over a square of tokens with the textbook decomposed relative positions (Li et al., arXiv 2203.16527): SAM's `Attention`.</summary>
internal sealed class Sam2dAttention : Module<Tensor, Tensor>
{
    private readonly Linear qkv;
    private readonly Linear proj;
    private readonly Parameter rel_pos_h;
    private readonly Parameter rel_pos_w;

    private readonly int _headCount;

    /// <param name="options">Width and heads.</param>
    /// <param name="edge">Tokens along an edge.</param>
    public Sam2dAttention(Sam2dEncoderOptions options, int edge)
        : base(nameof(Sam2dAttention))
    {
        _headCount = options.HeadCount;
        qkv = Linear(options.EmbeddingWidth, 3 * options.EmbeddingWidth);
        proj = Linear(options.EmbeddingWidth, options.EmbeddingWidth);
        rel_pos_h = new Parameter(zeros(2 * edge - 1, options.EmbeddingWidth / options.HeadCount));
        rel_pos_w = new Parameter(zeros(2 * edge - 1, options.EmbeddingWidth / options.HeadCount));
        RegisterComponents();
    }

    /// <param name="input">[M, H, W, C].</param>
    /// <returns>[M, H, W, C].</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        long m = input.shape[0], rows = input.shape[1], columns = input.shape[2], channels = input.shape[3];
        var parts = qkv.call(input).reshape(m, rows * columns, 3, _headCount, channels / _headCount).permute(2, 0, 3, 1, 4);
        // The bias is of the unscaled query.
        var queries = parts[0].reshape(m, _headCount, rows, columns, channels / _headCount);
        var down = einsum("mnhwk,hik->mnhwi", queries, RelativePositionBias.Rows(rel_pos_h, (int)rows, (int)rows));
        var across = einsum("mnhwk,wjk->mnhwj", queries, RelativePositionBias.Rows(rel_pos_w, (int)columns, (int)columns));
        var bias = (down.unsqueeze(5) + across.unsqueeze(4)).reshape(m, _headCount, rows * columns, rows * columns);
        var attended = functional.scaled_dot_product_attention(parts[0], parts[1], parts[2], attn_mask: bias.to(parts.dtype));
        return proj.call(attended.transpose(1, 2).reshape(input.shape)).MoveToOuterDisposeScope();
    }
}
