namespace SamMed3D.Transfer;

/// <summary>
/// A 3x3x3 convolution, padded by 1, with a stride of 2 along some axes. LibTorch 2.10's own (oneDNN) gets gradients of some wrong on CPUs with AVX-512 (such as
/// 48 channels). Here the voxels of a cell that is stepped over become channels of their own, and a convolution without stride sees two cells along
/// each such axis: the same sums, for 64/27 of the multiplications at most.
/// </summary>
internal static class StridedConvolution
{
    /// <param name="features">[N, C, X, Y, Z], even where the stride is 2.</param>
    /// <param name="weight">[C', C, 3, 3, 3]; it follows the features' type.</param>
    /// <param name="stride">1 or 2 along each axis.</param>
    /// <returns>[N, C', X/stride, Y/stride, Z/stride].</returns>
    public static Tensor Apply(Tensor features, Tensor weight, Size3 stride)
    {
        using var scope = NewDisposeScope();
        // Of two taps on cells of 2, the window of 3 begins at the second voxel of the cell before.
        var cells = functional.pad(Cells(features, stride), [1, 2 - stride.Z, 1, 2 - stride.Y, 1, 2 - stride.X]);
        return PaddedConvolution.Apply(cells, OnCells(weight, stride), padding: [0, 0, 0]).MoveToOuterDisposeScope();
    }

    /// <returns>[N, C·cell, X', Y', Z'].</returns>
    private static Tensor Cells(Tensor features, Size3 stride)
    {
        var (n, c) = (features.shape[0], features.shape[1]);
        var (x, y, z) = (features.shape[2] / stride.X, features.shape[3] / stride.Y, features.shape[4] / stride.Z);
        return features.reshape(n, c, x, stride.X, y, stride.Y, z, stride.Z)
            .permute(0, 1, 3, 5, 7, 2, 4, 6)
            .reshape(n, c * stride.X * stride.Y * stride.Z, x, y, z);
    }

    /// <summary>The kernel with a fourth tap of 0 in front along the axes that are stepped over, its taps dealt out to cells of 2.</summary>
    /// <returns>[C', C·cell, 2 or 3, 2 or 3, 2 or 3].</returns>
    private static Tensor OnCells(Tensor weight, Size3 stride)
    {
        var (outputs, inputs) = (weight.shape[0], weight.shape[1]);
        int x = 4 - stride.X, y = 4 - stride.Y, z = 4 - stride.Z;
        return functional.pad(weight, [stride.Z - 1, 0, stride.Y - 1, 0, stride.X - 1, 0])
            .view(outputs, inputs, x, stride.X, y, stride.Y, z, stride.Z)
            .permute(0, 1, 3, 5, 7, 2, 4, 6)
            .reshape(outputs, inputs * stride.X * stride.Y * stride.Z, x, y, z);
    }
}
