namespace SamMed3D.Transfer;

/// <summary>A convolution without bias that keeps the resolution, halves it or doubles it.</summary>
/// <remarks>
/// LibTorch 2.10 (oneDNN) cannot be trusted with every number of channels on CPUs with AVX-512: see <see cref="PaddedConvolution"/>, and
/// transposed convolutions to 48, 80, 112 channels give wrong numbers too. Widths of 16, 32 and so on need no detour.
/// </remarks>
internal sealed class ScalingConvolution : Module<Tensor, Tensor>
{
    // Up to this many channels, and to powers of two, transposed convolutions were found right.
    private const int SafeTransposedChannels = 16;

    private readonly Module<Tensor, Tensor> conv;

    private readonly Size3 _stride;

    private ScalingConvolution(Module<Tensor, Tensor> convolution, Size3 stride)
        : base(nameof(ScalingConvolution))
    {
        conv = convolution;
        _stride = stride;
        RegisterComponents();
    }

    /// <summary>An odd kernel, padded so that the resolution is kept.</summary>
    public static ScalingConvolution Same(int inputChannels, int outputChannels, int kernel) =>
        new(Conv3d(inputChannels, outputChannels, kernel, padding: kernel / 2, bias: false), 1);

    /// <summary>A kernel of 3, padded by 1, that halves the extents whose stride is 2.</summary>
    /// <param name="inputChannels">Channels that come in.</param>
    /// <param name="outputChannels">Channels that go out.</param>
    /// <param name="stride">1 or 2 along each axis.</param>
    public static ScalingConvolution Halving(int inputChannels, int outputChannels, Size3 stride) =>
        new(Conv3d(inputChannels, outputChannels, (3, 3, 3), (stride.X, stride.Y, stride.Z), (1, 1, 1), bias: false), stride);

    /// <summary>Doubles each extent by a transposed convolution whose cells do not overlap.</summary>
    public static ScalingConvolution Doubling(int inputChannels, int outputChannels) => Doubling(inputChannels, outputChannels, 2);

    /// <summary>Doubles the extents whose stride is 2 by a transposed convolution whose cells do not overlap.</summary>
    /// <param name="inputChannels">Channels that come in.</param>
    /// <param name="outputChannels">Channels that go out.</param>
    /// <param name="stride">1 or 2 along each axis; also the kernel.</param>
    public static ScalingConvolution Doubling(int inputChannels, int outputChannels, Size3 stride)
    {
        var edges = ((long)stride.X, (long)stride.Y, (long)stride.Z);
        return new(ConvTranspose3d(inputChannels, outputChannels, edges, edges, bias: false), stride);
    }

    /// <param name="features">[N, C, X, Y, Z], even extents where they are halved.</param>
    /// <returns>[N, C', X', Y', Z'].</returns>
    public override Tensor forward(Tensor features) => conv switch
    {
        Conv3d same when _stride == 1 => PaddedConvolution.Apply(features, same.weight!),
        Conv3d halving => StridedConvolution.Apply(features, halving.weight!, _stride),
        ConvTranspose3d doubling => Doubled(features, doubling.weight!),
        _ => conv.call(features),
    };

    private Tensor Doubled(Tensor features, Tensor weight)
    {
        using var scope = NewDisposeScope();
        weight = Product.Follow(weight, features);
        var doubled = _stride != 2 || (features.device_type == DeviceType.CPU && IsUnsafe(weight))
            ? AsProduct(features, weight, _stride)
            : functional.conv_transpose3d(features, weight, strides: [2, 2, 2]);
        return doubled.MoveToOuterDisposeScope();
    }

    private static bool IsUnsafe(Tensor weight)
    {
        long inputs = weight.shape[0], outputs = weight.shape[1];
        // In narrow types few channels are wrong too.
        return MixedPrecision.IsNarrow(weight)
            ? inputs % SafeTransposedChannels != 0 || outputs < SafeTransposedChannels || !long.IsPow2(outputs)
            : outputs > SafeTransposedChannels && !long.IsPow2(outputs);
    }

    /// <summary>The transposed convolution as one matrix product: each voxel becomes a cell of as many voxels as the stride has.</summary>
    private static Tensor AsProduct(Tensor features, Tensor weight, Size3 stride)
    {
        using var scope = NewDisposeScope();
        var (n, x, y, z) = (features.shape[0], features.shape[2], features.shape[3], features.shape[4]);
        long outputs = weight.shape[1];
        return matmul(weight.flatten(1).t(), features.flatten(2))      // [N, C'·cell, L]
            .view(n, outputs, stride.X, stride.Y, stride.Z, x, y, z)
            .permute(0, 1, 5, 2, 6, 3, 7, 4)
            .reshape(n, outputs, stride.X * x, stride.Y * y, stride.Z * z)
            .MoveToOuterDisposeScope();
    }
}
