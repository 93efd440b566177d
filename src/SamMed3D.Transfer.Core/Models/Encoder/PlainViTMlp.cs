namespace SamMed3D.Transfer;

/// <summary>Two linear layers with the exact (erf) GELU between them. MONAI's <c>MLPBlock</c>.</summary>
internal sealed class PlainViTMlp : Module<Tensor, Tensor>
{
    private readonly Linear linear1;
    private readonly Linear linear2;

    public PlainViTMlp(PlainViTOptions options)
        : base(nameof(PlainViTMlp))
    {
        linear1 = Linear(options.EmbeddingWidth, options.MlpWidth);
        linear2 = Linear(options.MlpWidth, options.EmbeddingWidth);
        RegisterComponents();
    }

    /// <param name="tokens">[N, L, E].</param>
    /// <returns>[N, L, E].</returns>
    public override Tensor forward(Tensor tokens)
    {
        using var scope = NewDisposeScope();
        return Product.Of(linear2, functional.gelu(Product.Of(linear1, tokens))).MoveToOuterDisposeScope();
    }
}
