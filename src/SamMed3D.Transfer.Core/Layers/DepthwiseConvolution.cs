namespace SamMed3D.Transfer;

/// <summary>A 3D convolution of each channel on its own, which keeps the resolution.</summary>
/// <remarks>
/// LibTorch 2.10 (oneDNN) gives wrong input gradients on a CPU where the tokens are channels last in memory, for every number of channels; with
/// channels first it is right for all that were tried (12 to 384).
/// </remarks>
internal static class DepthwiseConvolution
{
    /// <param name="tokens">[N, X, Y, Z, C].</param>
    /// <param name="weight">[C, 1, k, k, k], k odd.</param>
    /// <param name="bias">[C].</param>
    /// <returns>[N, X, Y, Z, C].</returns>
    public static Tensor Apply(Tensor tokens, Tensor weight, Tensor bias)
    {
        using var scope = NewDisposeScope();
        long half = weight.shape[2] / 2;
        // Few products, many sums: wide in any case.
        var convolved = functional.conv3d(
            MixedPrecision.Wide(tokens).permute(0, 4, 1, 2, 3).contiguous(), MixedPrecision.Wide(weight), MixedPrecision.Wide(bias),
            padding: [half, half, half], groups: weight.shape[0]);
        return Product.Follow(convolved.permute(0, 2, 3, 4, 1), tokens).MoveToOuterDisposeScope();
    }
}
