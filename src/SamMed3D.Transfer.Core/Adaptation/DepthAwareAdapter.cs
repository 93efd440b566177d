namespace SamMed3D.Transfer;

/// <summary>
/// The adapter of 3DSAM-adapter (Gong et al., arXiv 2306.13465): a bottleneck with a depthwise 3x3x3 convolution in it, so that tokens
/// see their neighbours along all three axes, and a residual around it.
/// </summary>
internal sealed class DepthAwareAdapter : Module<Tensor, Tensor>, IComputesNarrow
{
    private readonly Linear linear1;
    private readonly Conv3d conv;
    private readonly Linear linear2;

    private readonly bool _startsAsIdentity;
    private ComputePrecision _precision;

    /// <param name="width">C, channels of a token.</param>
    /// <param name="hiddenWidth">Channels of the bottleneck.</param>
    /// <param name="startsAsIdentity">
    /// Whether it changes nothing until it is trained: the last layer starts at zero, and the published ReLU after it is left out, through which
    /// zeros would get no gradient.
    /// </param>
    public DepthAwareAdapter(int width, int hiddenWidth, bool startsAsIdentity)
        : base(nameof(DepthAwareAdapter))
    {
        _startsAsIdentity = startsAsIdentity;
        linear1 = Linear(width, hiddenWidth);
        conv = Conv3d(hiddenWidth, hiddenWidth, 3, padding: 1, groups: hiddenWidth);
        linear2 = Linear(hiddenWidth, width);
        if (startsAsIdentity)
        {
            init.zeros_(linear2.weight);
            init.zeros_(linear2.bias);
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
        var hidden = functional.relu(DepthwiseConvolution.Apply(functional.relu(Product.Of(linear1, _precision.Narrow(input))), conv.weight!, conv.bias!));
        var change = Product.Of(linear2, hidden);
        return (input + (_startsAsIdentity ? change : functional.relu(change))).MoveToOuterDisposeScope();
    }
}
