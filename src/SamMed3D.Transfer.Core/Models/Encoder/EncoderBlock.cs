namespace SamMed3D.Transfer;

/// <summary>One transformer block: norm, attention, residual, norm, MLP, residual. SAM-Med3D's `Block3D`.</summary>
public sealed class EncoderBlock : Module<Tensor, Tensor>
{
    private readonly LayerNorm norm1;
    private readonly WindowAttention attn;
    private readonly LayerNorm norm2;
    private readonly MlpBlock mlp;

    /// <summary>Fresh weights.</summary>
    public EncoderBlock(EncoderOptions options, bool isGlobal)
        : base(nameof(EncoderBlock))
    {
        int width = options.EmbeddingWidth;
        norm1 = LayerNorm(width, eps: options.LayerNormEpsilon);
        attn = new WindowAttention(options, isGlobal);
        norm2 = LayerNorm(width, eps: options.LayerNormEpsilon);
        mlp = new MlpBlock(width, (int)(width * options.MlpRatio));
        RegisterComponents();
    }

    /// <param name="input">[N, X, Y, Z, C].</param>
    /// <returns>[N, X, Y, Z, C]; the caller owns it.</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var tokens = input + attn.call(norm1.call(input));
        return (tokens + mlp.call(norm2.call(tokens))).MoveToOuterDisposeScope();
    }
}
