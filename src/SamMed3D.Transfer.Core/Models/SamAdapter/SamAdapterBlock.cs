namespace SamMed3D.Transfer;

/// <summary>A block of the 2D SAM that 3DSAM-adapter opened to volumes: adapter, norm, attention in cubic windows, residual, norm, MLP, residual.</summary>
internal sealed class SamAdapterBlock : Module<Tensor, Tensor>, IComputesNarrow
{
    private readonly LayerNorm norm1;
    private readonly SamAdapterAttention attn;
    private readonly LayerNorm norm2;
    private readonly MlpBlock mlp;
    private readonly DepthAwareAdapter adapter;

    private ComputePrecision _precision;

    public SamAdapterBlock(SamAdapterOptions options, int block)
        : base(nameof(SamAdapterBlock))
    {
        int width = options.EmbeddingWidth;
        norm1 = LayerNorm(width, eps: options.LayerNormEpsilon);
        attn = new SamAdapterAttention(options, block);
        norm2 = LayerNorm(width, eps: options.LayerNormEpsilon);
        mlp = new MlpBlock(width, (int)(width * options.MlpRatio));
        adapter = new DepthAwareAdapter(width, width / 2, startsAsIdentity: false);
        RegisterComponents();
    }

    public SamAdapterAttention Attention => attn;

    public DepthAwareAdapter Adapter => adapter;

    ComputePrecision IComputesNarrow.Precision
    {
        get => _precision;
        set => _precision = value;
    }

    /// <param name="input">[N, X, Y, Z, C].</param>
    /// <returns>[N, X, Y, Z, C]; the caller owns it.</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var adapted = adapter.call(input);
        var tokens = adapted + attn.call(_precision.Narrow(norm1.call(adapted)));
        return (tokens + mlp.call(_precision.Narrow(norm2.call(tokens)))).MoveToOuterDisposeScope();
    }
}
