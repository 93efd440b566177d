namespace SamMed3D.Transfer;

/// <summary>
/// Two normed 3x3x3 convolutions beside a shortcut (He et al. 2016), the first of which may halve the resolution. The shortcut then takes the mean of the voxels that
/// become one (He et al. 2019, arXiv 1812.01187, figure 2c), and projects them where channels change.
/// </summary>
internal sealed class ResidualBlock : Module<Tensor, Tensor>
{
    /// <summary>Of the leaky ReLUs.</summary>
    internal const double NegativeSlope = 0.01;

    private readonly ScalingConvolution conv1;
    private readonly InstanceNormalization norm1;
    private readonly ScalingConvolution conv2;
    private readonly InstanceNormalization norm2;
    // The shortcut's own projection, where channels change.
    private readonly ScalingConvolution? conv3;
    private readonly InstanceNormalization? norm3;

    private readonly Size3 _stride;

    /// <param name="inputChannels">Channels that come in.</param>
    /// <param name="outputChannels">Channels that go out.</param>
    /// <param name="stride">1 or 2 along each axis.</param>
    public ResidualBlock(int inputChannels, int outputChannels, Size3 stride)
        : base(nameof(ResidualBlock))
    {
        _stride = stride;
        conv1 = ScalingConvolution.Halving(inputChannels, outputChannels, stride);
        norm1 = new InstanceNormalization(outputChannels, isAffine: true);
        conv2 = ScalingConvolution.Same(outputChannels, outputChannels, kernel: 3);
        norm2 = new InstanceNormalization(outputChannels, isAffine: true);
        if (inputChannels != outputChannels)
        {
            conv3 = ScalingConvolution.Same(inputChannels, outputChannels, kernel: 1);
            norm3 = new InstanceNormalization(outputChannels, isAffine: true);
        }

        RegisterComponents();
    }

    /// <summary>Scale of the last norm: at 0 the block begins as its shortcut.</summary>
    internal Parameter LastScale => norm2.Scale!;

    /// <param name="features">[N, C, X, Y, Z], even extents where they are halved.</param>
    /// <returns>[N, C', X', Y', Z'].</returns>
    public override Tensor forward(Tensor features)
    {
        using var scope = NewDisposeScope();
        var hidden = Normalized(conv1, norm1, features);
        functional.leaky_relu(hidden, NegativeSlope, inplace: true);
        var result = Normalized(conv2, norm2, hidden);
        var shortcut = _stride == 1 ? features : MeanOfCells(features);
        result.add_(conv3 is null ? shortcut : Normalized(conv3, norm3!, shortcut));
        functional.leaky_relu(result, NegativeSlope, inplace: true);
        return result.MoveToOuterDisposeScope();
    }

    /// <summary>An average pooling; LibTorch 2.10 has none for bfloat16 on a CPU.</summary>
    private Tensor MeanOfCells(Tensor features)
    {
        using var cells = features.reshape(
            features.shape[0], features.shape[1], features.shape[2] / _stride.X, _stride.X, features.shape[3] / _stride.Y, _stride.Y, features.shape[4] / _stride.Z, _stride.Z);
        return cells.mean([3, 5, 7]);
    }

    /// <summary>Lets go of the convolution's own result at once: at full resolution it is as large as a volume of features.</summary>
    private static Tensor Normalized(ScalingConvolution convolution, InstanceNormalization norm, Tensor features)
    {
        using var convolved = convolution.call(features);
        return norm.call(convolved);
    }
}
