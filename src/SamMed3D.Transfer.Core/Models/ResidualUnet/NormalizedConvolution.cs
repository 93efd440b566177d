namespace SamMed3D.Transfer;

/// <summary>A 3x3x3 convolution, an instance norm with scale and offset, and a leaky ReLU.</summary>
internal sealed class NormalizedConvolution : Module<Tensor, Tensor>
{
    private readonly ScalingConvolution conv;
    private readonly InstanceNormalization norm;

    /// <param name="inputChannels">Channels that come in.</param>
    /// <param name="outputChannels">Channels that go out.</param>
    public NormalizedConvolution(int inputChannels, int outputChannels)
        : base(nameof(NormalizedConvolution))
    {
        conv = ScalingConvolution.Same(inputChannels, outputChannels, kernel: 3);
        norm = new InstanceNormalization(outputChannels, isAffine: true);
        RegisterComponents();
    }

    /// <param name="features">[N, C, X, Y, Z].</param>
    /// <returns>[N, C', X, Y, Z].</returns>
    public override Tensor forward(Tensor features)
    {
        using var scope = NewDisposeScope();
        return functional.leaky_relu(norm.Of(conv, features), InstanceNormalization.NegativeSlope, inplace: true).MoveToOuterDisposeScope();
    }
}
