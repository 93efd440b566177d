namespace SamMed3D.Transfer;

/// <summary>
/// Two normed 3x3x3 convolutions without bias; beside a shortcut (He et al. 2016) where the block is residual. The first may halve the resolution: the shortcut
/// then takes the mean of the voxels that become one (He et al. 2019, arXiv 1812.01187, figure 2c). Without that, MONAI's <c>UnetResBlock</c> and
/// <c>UnetBasicBlock</c>.
/// </summary>
internal sealed class ConvBlock : Module<Tensor, Tensor>
{
    private readonly ScalingConvolution conv1;
    private readonly InstanceNormalization norm1;
    private readonly ScalingConvolution conv2;
    private readonly InstanceNormalization norm2;
    // The shortcut's own projection, where channels change.
    private readonly ScalingConvolution? conv3;
    private readonly InstanceNormalization? norm3;

    private readonly bool _isResidual;
    private readonly Size3 _stride;

    /// <param name="inputChannels">Channels that come in.</param>
    /// <param name="outputChannels">Channels that go out.</param>
    /// <param name="isAffine">Whether norms learn a scale and an offset.</param>
    /// <param name="isResidual">Whether there is a shortcut.</param>
    /// <param name="stride">1 or 2 along each axis; null for no halving.</param>
    public ConvBlock(int inputChannels, int outputChannels, bool isAffine, bool isResidual = true, Size3? stride = null)
        : base(nameof(ConvBlock))
    {
        _isResidual = isResidual;
        _stride = stride ?? 1;
        conv1 = ScalingConvolution.Halving(inputChannels, outputChannels, _stride);
        norm1 = new InstanceNormalization(outputChannels, isAffine);
        conv2 = ScalingConvolution.Same(outputChannels, outputChannels, kernel: 3);
        norm2 = new InstanceNormalization(outputChannels, isAffine);
        if (isResidual && inputChannels != outputChannels)
        {
            conv3 = ScalingConvolution.Same(inputChannels, outputChannels, kernel: 1);
            norm3 = new InstanceNormalization(outputChannels, isAffine);
        }

        RegisterComponents();
    }

    /// <summary>A block of UNETR's decoder.</summary>
    /// <param name="inputChannels">Channels that come in.</param>
    /// <param name="outputChannels">Channels that go out.</param>
    /// <param name="options">Residual or not, affine norms or not.</param>
    public ConvBlock(int inputChannels, int outputChannels, UnetrOptions options)
        : this(inputChannels, outputChannels, options.HasAffineNorm, options.HasResidualBlock)
    {
    }

    /// <summary>Scale of the last norm, where it is affine: at 0 a residual block begins as its shortcut.</summary>
    internal Parameter? LastScale => norm2.Scale;

    /// <param name="features">[N, C, X, Y, Z], even extents where they are halved.</param>
    /// <returns>[N, C', X', Y', Z'].</returns>
    public override Tensor forward(Tensor features)
    {
        using var scope = NewDisposeScope();
        var hidden = norm1.Of(conv1, features);
        functional.leaky_relu(hidden, InstanceNormalization.NegativeSlope, inplace: true);
        var result = norm2.Of(conv2, hidden);
        if (_isResidual)
        {
            var shortcut = _stride == 1 ? features : MeanOfCells(features);
            result.add_(conv3 is null ? shortcut : norm3!.Of(conv3, shortcut));
        }

        functional.leaky_relu(result, InstanceNormalization.NegativeSlope, inplace: true);
        return result.MoveToOuterDisposeScope();
    }

    /// <summary>An average pooling; LibTorch 2.10 has none for bfloat16 on a CPU.</summary>
    private Tensor MeanOfCells(Tensor features)
    {
        using var cells = features.reshape(
            features.shape[0], features.shape[1], features.shape[2] / _stride.X, _stride.X, features.shape[3] / _stride.Y, _stride.Y, features.shape[4] / _stride.Z, _stride.Z);
        return cells.mean([3, 5, 7]);
    }
}
