namespace SamMed3D.Transfer;

/// <summary>A linear layer with LoRA beside it; its own weight and bias keep their names.</summary>
internal sealed class LoraLinear : Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter? bias;
    private readonly Parameter lora_a;
    private readonly Parameter lora_b;

    private readonly double _scale;
    private readonly double _dropout;

    private LoraLinear(int inputWidth, int outputWidth, bool hasBias, LoraOptions options)
        : base(nameof(LoraLinear))
    {
        _scale = options.Alpha / options.Rank;
        _dropout = options.Dropout;
        weight = Uniform(inputWidth, outputWidth, inputWidth);
        if (hasBias)
            bias = Uniform(inputWidth, outputWidth);
        lora_a = Uniform(inputWidth, options.Rank, inputWidth);
        lora_b = new Parameter(zeros(outputWidth, options.Rank));
        RegisterComponents();
    }

    /// <summary>A linear layer, with LoRA where the adapter says so.</summary>
    public static Module<Tensor, Tensor> Create(int inputWidth, int outputWidth, AdapterOptions? adapter, LoraTarget target, bool hasBias = true) =>
        adapter is LoraOptions lora && lora.Targets.Contains(target)
            ? new LoraLinear(inputWidth, outputWidth, hasBias, lora)
            : Linear(inputWidth, outputWidth, hasBias);

    /// <param name="input">[..., inputs].</param>
    /// <returns>[..., outputs]; the caller owns it.</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var kept = _dropout > 0 && training ? Thinned(input) : input;
        var change = Product.Of(Product.Of(kept, lora_a), lora_b);
        return (Product.Of(input, weight, bias) + change * _scale).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Dropout. It is drawn on the CPU whatever the device, so that the state of one generator repeats it (TorchSharp 0.107 cannot read that of a GPU).
    /// </summary>
    private Tensor Thinned(Tensor input)
    {
        if (input.device_type == DeviceType.CPU)
            return functional.dropout(input, _dropout, training: true);
        using var keep = empty(input.shape).bernoulli_(1 - _dropout);
        return input * keep.div_(1 - _dropout).to(input.dtype, input.device);
    }

    /// <summary>The weight of one linear layer that does the same: [outputs, inputs]. The caller owns it.</summary>
    public Tensor MergedWeight()
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        return (weight + matmul(lora_b, lora_a) * _scale).MoveToOuterDisposeScope();
    }

    /// <summary>As PyTorch's linear layers start: uniform within 1 / sqrt(inputs) of zero.</summary>
    private static Parameter Uniform(int inputWidth, params long[] shape)
    {
        double bound = 1 / Math.Sqrt(inputWidth);
        var parameter = new Parameter(zeros(shape));
        init.uniform_(parameter, -bound, bound);
        return parameter;
    }
}
