namespace SamMed3D.Transfer;

/// <summary>A pre-norm transformer block: attention over all tokens, then an MLP, each with a residual. MONAI's <c>TransformerBlock</c>.</summary>
internal sealed class PlainViTBlock : Module<Tensor, Tensor>, IComputesNarrow
{
    private readonly LayerNorm norm1;
    private readonly PlainViTAttention attn;
    private readonly LayerNorm norm2;
    private readonly PlainViTMlp mlp;

    private ComputePrecision _precision;

    public PlainViTBlock(PlainViTOptions options)
        : base(nameof(PlainViTBlock))
    {
        norm1 = LayerNorm(options.EmbeddingWidth);
        attn = new PlainViTAttention(options);
        norm2 = LayerNorm(options.EmbeddingWidth);
        mlp = new PlainViTMlp(options);
        RegisterComponents();
    }

    ComputePrecision IComputesNarrow.Precision
    {
        get => _precision;
        set => _precision = value;
    }

    /// <param name="tokens">[N, L, E].</param>
    /// <returns>[N, L, E].</returns>
    public override Tensor forward(Tensor tokens)
    {
        using var scope = NewDisposeScope();
        var attended = tokens + attn.call(_precision.Narrow(norm1.call(tokens)));
        return (attended + mlp.call(_precision.Narrow(norm2.call(attended)))).MoveToOuterDisposeScope();
    }
}
