namespace SamMed3D.Transfer;

/// <summary>Two linear layers with a ReLU between them: SAM's `MLPBlock` as its transformer uses it.</summary>
internal sealed class TokenMlp : Module<Tensor, Tensor>
{
    private readonly Linear lin1;
    private readonly Linear lin2;

    public TokenMlp(int width, int hiddenWidth)
        : base(nameof(TokenMlp))
    {
        lin1 = Linear(width, hiddenWidth);
        lin2 = Linear(hiddenWidth, width);
        RegisterComponents();
    }

    /// <param name="input">[..., width].</param>
    /// <returns>[..., width].</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return lin2.call(functional.relu(lin1.call(input))).MoveToOuterDisposeScope();
    }
}
