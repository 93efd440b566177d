namespace SamMed3D.Transfer;

/// <summary>Two linear layers with an exact GELU between them: the MLP of SAM's and SAM-Med3D's encoder blocks (`MLPBlock`).</summary>
public sealed class MlpBlock : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> lin1;
    private readonly Module<Tensor, Tensor> lin2;

    /// <summary>Fresh weights.</summary>
    /// <param name="width">Channels in and out.</param>
    /// <param name="hiddenWidth">Channels between.</param>
    /// <param name="adapter">How little of the encoder learns; null for all of it.</param>
    public MlpBlock(int width, int hiddenWidth, AdapterOptions? adapter = null)
        : base(nameof(MlpBlock))
    {
        lin1 = LoraLinear.Create(width, hiddenWidth, adapter, LoraTarget.Mlp);
        lin2 = LoraLinear.Create(hiddenWidth, width, adapter, LoraTarget.Mlp);
        RegisterComponents();
    }

    /// <param name="input">[..., width].</param>
    /// <returns>[..., width]; the caller owns it.</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return Product.Of(lin2, functional.gelu(Product.Of(lin1, input))).MoveToOuterDisposeScope();
    }
}
