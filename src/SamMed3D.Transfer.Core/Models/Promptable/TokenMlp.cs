namespace SamMed3D.Transfer;

/// <summary>Two linear layers with a ReLU between them: SAM's `MLPBlock` as its transformer uses it.</summary>
internal sealed class TokenMlp : Module<Tensor, Tensor>, IComputesNarrow
{
    private readonly Linear lin1;
    private readonly Linear lin2;

    private ComputePrecision _precision;

    public TokenMlp(int width, int hiddenWidth)
        : base(nameof(TokenMlp))
    {
        lin1 = Linear(width, hiddenWidth);
        lin2 = Linear(hiddenWidth, width);
        RegisterComponents();
    }

    ComputePrecision IComputesNarrow.Precision
    {
        get => _precision;
        set => _precision = value;
    }

    /// <param name="input">[..., width].</param>
    /// <returns>[..., width].</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return _precision.Widen(Product.Of(lin2, functional.relu(Product.Of(lin1, _precision.Narrow(input))))).MoveToOuterDisposeScope();
    }
}
