namespace SamMed3D.Transfer;

/// <summary>
/// Multi-head attention between two sets of tokens, which may work with fewer channels than the tokens have: SAM's `Attention`
/// (of its transformer).
/// </summary>
internal sealed class TokenAttention : Module<Tensor, Tensor, Tensor, Tensor>, IComputesNarrow
{
    private readonly Linear q_proj;
    private readonly Linear k_proj;
    private readonly Linear v_proj;
    private readonly Linear out_proj;

    private readonly int _headCount;
    private ComputePrecision _precision;

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

    ComputePrecision IComputesNarrow.Precision
    {
        get => _precision;
        set => _precision = value;
    }

    /// <param name="queries">[N, T, C].</param>
    /// <param name="keys">[N, S, C].</param>
    /// <param name="values">[N, S, C].</param>
    /// <returns>[N, T, C].</returns>
    public override Tensor forward(Tensor queries, Tensor keys, Tensor values)
    {
        using var scope = NewDisposeScope();
        Tensor Projected(Linear projection, Tensor tokens) => Heads(Product.Of(projection, _precision.Narrow(tokens)));
        var attended = Product.Attention(Projected(q_proj, queries), Projected(k_proj, keys), Projected(v_proj, values), bias: null);
        return _precision.Widen(Product.Of(out_proj, attended.transpose(1, 2).flatten(2))).MoveToOuterDisposeScope();
    }

    /// <summary>[N, T, C] to [N, heads, T, C / heads].</summary>
    private Tensor Heads(Tensor tokens) => tokens.view(tokens.shape[0], tokens.shape[1], _headCount, -1).transpose(1, 2);
}
