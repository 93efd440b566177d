namespace SamMed3D.Transfer;

/// <summary>
/// Two 3x3x3 convolutions without bias, each normalised. MONAI's <c>UnetResBlock</c>, or its <c>UnetBasicBlock</c>
/// when <see cref="UnetrOptions.HasResidualBlock"/> is off.
/// </summary>
internal sealed class ConvBlock : Module<Tensor, Tensor>
{
    private const double NegativeSlope = 0.01;

    private readonly ScalingConvolution conv1;
    private readonly InstanceNormalization norm1;
    private readonly ScalingConvolution conv2;
    private readonly InstanceNormalization norm2;
    // The shortcut's own projection, where channels change.
    private readonly ScalingConvolution? conv3;
    private readonly InstanceNormalization? norm3;

    private readonly bool _isResidual;

    /// <param name="inputChannels">Channels that come in.</param>
    /// <param name="outputChannels">Channels that go out.</param>
    /// <param name="options">Residual or not, affine norms or not.</param>
    public ConvBlock(int inputChannels, int outputChannels, UnetrOptions options)
        : base(nameof(ConvBlock))
    {
        _isResidual = options.HasResidualBlock;
        conv1 = ScalingConvolution.Same(inputChannels, outputChannels, kernel: 3);
        norm1 = new InstanceNormalization(outputChannels, options.HasAffineNorm);
        conv2 = ScalingConvolution.Same(outputChannels, outputChannels, kernel: 3);
        norm2 = new InstanceNormalization(outputChannels, options.HasAffineNorm);
        if (_isResidual && inputChannels != outputChannels)
        {
            conv3 = ScalingConvolution.Same(inputChannels, outputChannels, kernel: 1);
            norm3 = new InstanceNormalization(outputChannels, options.HasAffineNorm);
        }

        RegisterComponents();
    }

    /// <param name="features">[N, C, X, Y, Z].</param>
    /// <returns>[N, C', X, Y, Z].</returns>
    public override Tensor forward(Tensor features)
    {
        using var scope = NewDisposeScope();
        var hidden = Normalized(conv1, norm1, features);
        functional.leaky_relu(hidden, NegativeSlope, inplace: true);
        var result = Normalized(conv2, norm2, hidden);
        if (_isResidual)
            result.add_(conv3 is null ? features : Normalized(conv3, norm3!, features));
        functional.leaky_relu(result, NegativeSlope, inplace: true);
        return result.MoveToOuterDisposeScope();
    }

    /// <summary>Lets go of the convolution's own result at once: at full resolution it is as large as a volume of features.</summary>
    private static Tensor Normalized(ScalingConvolution convolution, InstanceNormalization norm, Tensor features)
    {
        using var convolved = convolution.call(features);
        return norm.call(convolved);
    }
}
