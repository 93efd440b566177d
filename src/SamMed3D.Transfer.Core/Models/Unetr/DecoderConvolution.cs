namespace SamMed3D.Transfer;

/// <summary>A convolution without bias in the decoder: one that keeps the resolution, or one that doubles it.</summary>
/// <remarks>
/// LibTorch 2.10 (oneDNN) cannot be trusted with every number of channels on CPUs with AVX-512: see <see cref="PaddedConvolution"/>, and
/// transposed convolutions to 48, 80, 112 channels give wrong numbers too. FeatureSize 16, 32 and so on need no detour.
/// </remarks>
internal sealed class DecoderConvolution : Module<Tensor, Tensor>
{
    // Up to this many channels, and to powers of two, transposed convolutions were found right.
    private const int SafeTransposedChannels = 16;

    private readonly Module<Tensor, Tensor> conv;

    private DecoderConvolution(Module<Tensor, Tensor> convolution)
        : base(nameof(DecoderConvolution))
    {
        conv = convolution;
        RegisterComponents();
    }

    /// <summary>An odd kernel, padded so that the resolution is kept.</summary>
    public static DecoderConvolution Same(int inputChannels, int outputChannels, int kernel) =>
        new(Conv3d(inputChannels, outputChannels, kernel, padding: kernel / 2, bias: false));

    /// <summary>Doubles each extent by a transposed convolution whose cells do not overlap.</summary>
    public static DecoderConvolution Doubling(int inputChannels, int outputChannels) =>
        new(ConvTranspose3d(inputChannels, outputChannels, 2, stride: 2, bias: false));

    /// <param name="features">[N, C, X, Y, Z].</param>
    /// <returns>[N, C', X', Y', Z'].</returns>
    public override Tensor forward(Tensor features) => conv switch
    {
        Conv3d same => PaddedConvolution.Apply(features, same.weight!),
        ConvTranspose3d doubling => Doubled(features, doubling.weight!),
        _ => conv.call(features),
    };

    private static Tensor Doubled(Tensor features, Tensor weight)
    {
        using var scope = NewDisposeScope();
        weight = Product.Follow(weight, features);
        var doubled = features.device_type == DeviceType.CPU && IsUnsafe(weight)
            ? AsProduct(features, weight)
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

    /// <summary>The transposed convolution as one matrix product: each voxel becomes a cube of 2x2x2.</summary>
    private static Tensor AsProduct(Tensor features, Tensor weight)
    {
        using var scope = NewDisposeScope();
        var (n, x, y, z) = (features.shape[0], features.shape[2], features.shape[3], features.shape[4]);
        long outputs = weight.shape[1];
        return matmul(weight.flatten(1).t(), features.flatten(2))      // [N, C'·8, L]
            .view(n, outputs, 2, 2, 2, x, y, z)
            .permute(0, 1, 5, 2, 6, 3, 7, 4)
            .reshape(n, outputs, 2 * x, 2 * y, 2 * z)
            .MoveToOuterDisposeScope();
    }
}
