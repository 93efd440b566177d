namespace SamMed3D.Transfer;

/// <summary>One transformer block: norm, attention, residual, norm, MLP, residual. SAM-Med3D's `Block3D`, with adapters where asked for.</summary>
public sealed class EncoderBlock : Module<Tensor, Tensor>, IComputesNarrow
{
    private readonly LayerNorm norm1;
    private readonly WindowAttention attn;
    private readonly LayerNorm norm2;
    private readonly MlpBlock mlp;

    // Parts of EncoderOptions.Adapter; without one there is none of them.
    private readonly DepthAwareAdapter? adapter;
    private readonly BottleneckAdapter? attn_adapter;
    private readonly BottleneckAdapter? mlp_adapter;

    private readonly bool _isParallel;
    private ComputePrecision _precision;

    /// <summary>Fresh weights.</summary>
    public EncoderBlock(EncoderOptions options, bool isGlobal)
        : base(nameof(EncoderBlock))
    {
        int width = options.EmbeddingWidth;
        norm1 = LayerNorm(width, eps: options.LayerNormEpsilon);
        attn = new WindowAttention(options, isGlobal);
        norm2 = LayerNorm(width, eps: options.LayerNormEpsilon);
        mlp = new MlpBlock(width, (int)(width * options.MlpRatio), options.Adapter);
        switch (options.Adapter)
        {
            case DepthAwareOptions depth:
                adapter = new DepthAwareAdapter(width, width / depth.Reduction, depth.StartsAsIdentity);
                break;
            case BottleneckOptions bottleneck:
                _isParallel = bottleneck.Placement == BottleneckPlacement.Parallel;
                attn_adapter = _isParallel ? null : new BottleneckAdapter(width, bottleneck);
                mlp_adapter = new BottleneckAdapter(width, bottleneck);
                break;
        }

        RegisterComponents();
    }

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
        var tokens = adapter is null ? input : adapter.call(input);
        var attended = attn.call(_precision.Narrow(norm1.call(tokens)));
        tokens = tokens + (attn_adapter is null ? attended : attended + attn_adapter.call(attended));
        var normed = _precision.Narrow(norm2.call(tokens));
        var change = mlp.call(normed);
        if (mlp_adapter is not null)
            change = change + mlp_adapter.call(_isParallel ? normed : change);
        return (tokens + change).MoveToOuterDisposeScope();
    }
}
