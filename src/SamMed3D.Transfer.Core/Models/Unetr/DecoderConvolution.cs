using System.Numerics;

namespace SamMed3D.Transfer;

/// <summary>A convolution without bias in the decoder: one that keeps the resolution, or one that doubles it.</summary>
/// <remarks>
/// LibTorch 2.10 (oneDNN) cannot be trusted with every number of channels on CPUs with AVX-512, where it works in blocks of 16. In a
/// 3x3x3 convolution it multiplies what lies in memory behind the last channel by zero, so that outputs and gradients become NaN where
/// that happens to be NaN; transposed convolutions to 48, 80, 112 channels give plainly wrong numbers. There this class fills up
/// with channels of zeros, or multiplies matrices. FeatureSize 16, 32 and so on need neither.
/// </remarks>
internal sealed class DecoderConvolution : Module<Tensor, Tensor>
{
    private const int Block = 16;

    private readonly Module<Tensor, Tensor> conv;

    private readonly Func<Tensor, Tensor>? _cpuForward;

    private DecoderConvolution(Module<Tensor, Tensor> convolution, Func<Tensor, Tensor>? cpuForward)
        : base(nameof(DecoderConvolution))
    {
        conv = convolution;
        _cpuForward = cpuForward;
        RegisterComponents();
    }

    /// <summary>An odd kernel, padded so that the resolution is kept.</summary>
    public static DecoderConvolution Same(int inputChannels, int outputChannels, int kernel)
    {
        var convolution = Conv3d(inputChannels, outputChannels, kernel, padding: kernel / 2, bias: false);
        // A kernel of 1 is a matrix product, and up to 16 input channels are read by another routine.
        int extraInputs = kernel == 1 || inputChannels <= Block ? 0 : Missing(inputChannels);
        int extraOutputs = kernel == 1 ? 0 : Missing(outputChannels);
        return new(convolution, extraInputs + extraOutputs == 0 ? null : Padded);

        Tensor Padded(Tensor features) => functional.conv3d(
                extraInputs == 0 ? features : functional.pad(features, [0, 0, 0, 0, 0, 0, 0, extraInputs]),
                functional.pad(convolution.weight!, [0, 0, 0, 0, 0, 0, 0, extraInputs, 0, extraOutputs]),
                padding: [kernel / 2, kernel / 2, kernel / 2])
            .narrow(1, 0, outputChannels).contiguous();
    }

    /// <summary>Doubles each extent by a transposed convolution whose cells do not overlap.</summary>
    public static DecoderConvolution Doubling(int inputChannels, int outputChannels)
    {
        var convolution = ConvTranspose3d(inputChannels, outputChannels, 2, stride: 2, bias: false);
        return new(convolution, outputChannels <= Block || BitOperations.IsPow2(outputChannels) ? null : Product);

        // Each voxel becomes a cube of 2x2x2 by one matrix product.
        Tensor Product(Tensor features)
        {
            var (n, x, y, z) = (features.shape[0], features.shape[2], features.shape[3], features.shape[4]);
            return matmul(convolution.weight!.flatten(1).t(), features.flatten(2))      // [N, C'·8, L]
                .view(n, outputChannels, 2, 2, 2, x, y, z)
                .permute(0, 1, 5, 2, 6, 3, 7, 4)
                .reshape(n, outputChannels, 2 * x, 2 * y, 2 * z);
        }
    }

    /// <param name="features">[N, C, X, Y, Z].</param>
    /// <returns>[N, C', X', Y', Z'].</returns>
    public override Tensor forward(Tensor features)
    {
        if (_cpuForward is null || features.device_type != DeviceType.CPU)
            return conv.call(features);
        using var scope = NewDisposeScope();
        return _cpuForward(features).MoveToOuterDisposeScope();
    }

    private static int Missing(int channels) => (Block - channels % Block) % Block;
}
