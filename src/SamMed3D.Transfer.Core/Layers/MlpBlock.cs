namespace SamMed3D.Transfer;

/// <summary>Two linear layers with an exact GELU between them: the MLP of SAM's and SAM-Med3D's encoder blocks (`MLPBlock`).</summary>
public sealed class MlpBlock : Module<Tensor, Tensor>
{
    private readonly Linear lin1;
    private readonly Linear lin2;

    /// <summary>Fresh weights.</summary>
    public MlpBlock(int width, int hiddenWidth)
        : base(nameof(MlpBlock))
    {
        lin1 = Linear(width, hiddenWidth);
        lin2 = Linear(hiddenWidth, width);
        RegisterComponents();
    }

    /// <param name="input">[..., width].</param>
    /// <returns>[..., width]; the caller owns it.</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return lin2.call(functional.gelu(lin1.call(input))).MoveToOuterDisposeScope();
    }
}
