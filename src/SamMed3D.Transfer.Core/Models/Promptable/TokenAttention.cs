namespace SamMed3D.Transfer;

/// <summary>
/// Multi-head attention between two sets of tokens, which may work with fewer channels than the tokens have: SAM's `Attention`
/// (of its transformer).
/// </summary>
internal sealed class TokenAttention : Module<Tensor, Tensor, Tensor, Tensor>
{
    private readonly Linear q_proj;
    private readonly Linear k_proj;
    private readonly Linear v_proj;
    private readonly Linear out_proj;

    private readonly int _headCount;

    public TokenAttention(int width, int headCount, int downsampling)
        : base(nameof(TokenAttention))
    {
        _headCount = headCount;
        q_proj = Linear(width, width / downsampling);
        k_proj = Linear(width, width / downsampling);
        v_proj = Linear(width, width / downsampling);
        out_proj = Linear(width / downsampling, width);
        RegisterComponents();
    }

    /// <param name="queries">[N, T, C].</param>
    /// <param name="keys">[N, S, C].</param>
    /// <param name="values">[N, S, C].</param>
    /// <returns>[N, T, C].</returns>
    public override Tensor forward(Tensor queries, Tensor keys, Tensor values)
    {
        using var scope = NewDisposeScope();
        var attended = functional.scaled_dot_product_attention(
            Heads(q_proj.call(queries)), Heads(k_proj.call(keys)), Heads(v_proj.call(values)));
        return out_proj.call(attended.transpose(1, 2).flatten(2)).MoveToOuterDisposeScope();
    }

    /// <summary>[N, T, C] to [N, heads, T, C / heads].</summary>
    private Tensor Heads(Tensor tokens) => tokens.view(tokens.shape[0], tokens.shape[1], _headCount, -1).transpose(1, 2);
}
