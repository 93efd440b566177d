namespace SamMed3D.Transfer;

/// <summary>
/// Convolutions whose stride is their kernel of 2, as one matrix product each, channels last: right for every number of channels, where
/// LibTorch 2.10's kernels (oneDNN) are not (see <see cref="PaddedConvolution"/>).
/// </summary>
internal static class NonOverlappingConvolution
{
    /// <summary>A convolution of kernel 2 and stride 2.</summary>
    /// <param name="features">[N, X, Y, Z, C], even extents.</param>
    /// <param name="weight">[C', C, 2, 2, 2].</param>
    /// <param name="bias">[C'].</param>
    /// <returns>[N, X/2, Y/2, Z/2, C'].</returns>
    public static Tensor Halve(Tensor features, Tensor weight, Tensor bias)
    {
        using var scope = NewDisposeScope();
        var (n, x, y, z, c) = (features.shape[0], features.shape[1] / 2, features.shape[2] / 2, features.shape[3] / 2, features.shape[4]);
        var patches = features.reshape(n, x, 2, y, 2, z, 2, c).permute(0, 1, 3, 5, 7, 2, 4, 6).reshape(n, x, y, z, 8 * c);
        return Product.Of(patches, weight.flatten(1), bias).MoveToOuterDisposeScope();
    }

    /// <summary>A transposed convolution of kernel 2 and stride 2: each voxel becomes a cube of 2x2x2.</summary>
    /// <param name="features">[N, X, Y, Z, C].</param>
    /// <param name="weight">[C, C', 2, 2, 2].</param>
    /// <param name="bias">[C'].</param>
    /// <returns>[N, 2X, 2Y, 2Z, C'].</returns>
    public static Tensor Double(Tensor features, Tensor weight, Tensor bias)
    {
        using var scope = NewDisposeScope();
        var (n, x, y, z) = (features.shape[0], features.shape[1], features.shape[2], features.shape[3]);
        long outputs = weight.shape[1];
        weight = Product.Follow(weight, features);
        return (matmul(features, weight.permute(0, 2, 3, 4, 1).flatten(1)) + Product.Follow(bias, features).repeat(8))
            .view(n, x, y, z, 2, 2, 2, outputs)
            .permute(0, 1, 4, 2, 5, 3, 6, 7)
            .reshape(n, 2 * x, 2 * y, 2 * z, outputs)
            .MoveToOuterDisposeScope();
    }
}
