namespace SamMed3D.Transfer;

/// <summary>Linear layers with a ReLU between each two: SAM's `MLP` of the mask decoder.</summary>
internal sealed class ReluMlp : Module<Tensor, Tensor>, IComputesNarrow
{
    private readonly ModuleList<Linear> layers;

    private ComputePrecision _precision;

    public ReluMlp(int inputWidth, int hiddenWidth, int outputWidth, int depth)
        : base(nameof(ReluMlp))
    {
        layers = new ModuleList<Linear>([.. Enumerable.Range(0, depth).Select(layer =>
            Linear(layer == 0 ? inputWidth : hiddenWidth, layer == depth - 1 ? outputWidth : hiddenWidth))]);
        RegisterComponents();
    }

    ComputePrecision IComputesNarrow.Precision
    {
        get => _precision;
        set => _precision = value;
    }

    /// <param name="input">[..., input width].</param>
    /// <returns>[..., output width].</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var hidden = Product.Of(layers[0], _precision.Narrow(input));
        foreach (var layer in layers.Skip(1))
            hidden = Product.Of(layer, functional.relu(hidden));
        return _precision.Widen(hidden).MoveToOuterDisposeScope();
    }
}
