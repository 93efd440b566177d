namespace SamMed3D.Transfer;

/// <summary>
/// A 3D convolution without stride that gives the right numbers for every number of channels.
/// </summary>
/// <remarks>
/// LibTorch 2.10 (oneDNN) works in blocks of 16 channels on CPUs with AVX-512. With a kernel above 1 it reads what lies in memory behind the
/// last channel: outputs are wrong (or NaN) where the input channels are above 16 and no multiple of it, input gradients where the output
/// channels are no multiple of it. There this fills up with channels of zeros; so it does for input channels whose gradient is wanted,
/// which are written in the same blocks. In bfloat16 a kernel of 1 gives wrong input gradients too.
/// </remarks>
internal static class PaddedConvolution
{
    private const int Block = 16;

    /// <param name="features">[N, C, X, Y, Z].</param>
    /// <param name="weight">[C', C, k, k, k], k odd; it follows the features' type.</param>
    /// <returns>[N, C', X, Y, Z].</returns>
    public static Tensor Apply(Tensor features, Tensor weight) => Apply(features, weight, [weight.shape[2] / 2, weight.shape[2] / 2, weight.shape[2] / 2]);

    /// <param name="features">[N, C, X, Y, Z].</param>
    /// <param name="weight">[C', C, k, k', k'']; it follows the features' type.</param>
    /// <param name="padding">Zeros before and behind each axis; none for a kernel of 1.</param>
    /// <returns>[N, C', X', Y', Z'].</returns>
    public static Tensor Apply(Tensor features, Tensor weight, long[] padding)
    {
        var (outputs, inputs, kernel) = (weight.shape[0], weight.shape[1], weight.shape[2]);
        // A kernel of 1 is a matrix product, and up to 16 input channels are read (but not written) by another routine.
        bool isBlocked = features.device_type == DeviceType.CPU && kernel > 1;
        long extraInputs = isBlocked && (inputs > Block || features.requires_grad) ? Missing(inputs) : 0;
        long extraOutputs = isBlocked ? Missing(outputs) : 0;
        bool isProduct = kernel == 1 && MixedPrecision.IsNarrow(features);
        if (extraInputs + extraOutputs == 0 && weight.dtype == features.dtype && !isProduct)
            return functional.conv3d(features, weight, padding: padding);
        using var scope = NewDisposeScope();
        weight = Product.Follow(weight, features);
        if (isProduct)
            return ProductOf(features, weight).MoveToOuterDisposeScope();
        if (extraInputs + extraOutputs == 0)
            return functional.conv3d(features, weight, padding: padding).MoveToOuterDisposeScope();
        return functional.conv3d(
                extraInputs == 0 ? features : functional.pad(features, [0, 0, 0, 0, 0, 0, 0, extraInputs]),
                functional.pad(weight, [0, 0, 0, 0, 0, 0, 0, extraInputs, 0, extraOutputs]),
                padding: padding)
            .narrow(1, 0, outputs).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>A kernel of 1 as the matrix product that it is.</summary>
    private static Tensor ProductOf(Tensor features, Tensor weight) =>
        matmul(weight.flatten(1), features.flatten(2)).view([features.shape[0], weight.shape[0], .. features.shape[2..]]);

    private static long Missing(long channels) => (Block - channels % Block) % Block;
}
