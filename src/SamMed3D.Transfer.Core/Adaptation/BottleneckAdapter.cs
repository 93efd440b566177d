namespace SamMed3D.Transfer;

/// <summary>Down, ReLU, up: what is added to a block's values. It starts at zero.</summary>
internal sealed class BottleneckAdapter : Module<Tensor, Tensor>
{
    private readonly Linear down;
    private readonly Linear up;

    private readonly double _scale;

    public BottleneckAdapter(int width, BottleneckOptions options)
        : base(nameof(BottleneckAdapter))
    {
        _scale = options.Scale;
        down = Linear(width, options.Width);
        up = Linear(options.Width, width);
        init.zeros_(up.weight);
        init.zeros_(up.bias);
        RegisterComponents();
    }

    /// <param name="input">[..., C].</param>
    /// <returns>[..., C]; the caller owns it.</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return (Product.Of(up, functional.relu(Product.Of(down, input))) * _scale).MoveToOuterDisposeScope();
    }
}
