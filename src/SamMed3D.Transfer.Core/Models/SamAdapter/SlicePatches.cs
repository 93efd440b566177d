namespace SamMed3D.Transfer;

/// <summary>
/// From a volume to tokens by way of the 2D SAM's patch embedding: each slice along Z is an image, and its tokens are gathered along Z.
/// </summary>
/// <remarks>
/// The published code enlarges the whole volume first (to 512^3 voxels of three channels). All of this is linear, so here slices are enlarged
/// in their plane alone, and the enlarging along Z is folded into the gathering: the same numbers from a fraction of the memory.
/// </remarks>
internal static class SlicePatches
{
    /// <summary>The tokens of every slice.</summary>
    /// <param name="volume">[N, C, X, Y, Z], C 1 or 3.</param>
    /// <param name="grid">Tokens in the plane (X, Y).</param>
    /// <param name="weight">[E, 3, P, P]; one channel is taken for all three.</param>
    /// <param name="bias">[E].</param>
    /// <returns>[N, X', Y', Z, E].</returns>
    public static Tensor Embed(Tensor volume, Size3 grid, Tensor weight, Tensor bias)
    {
        using var scope = NewDisposeScope();
        long n = volume.shape[0], channels = volume.shape[1], slices = volume.shape[4], patch = weight.shape[2];
        var images = volume.permute(0, 4, 1, 2, 3).reshape(n * slices, channels, volume.shape[2], volume.shape[3]);
        if (volume.shape[2] != grid.X * patch || volume.shape[3] != grid.Y * patch)
            images = functional.interpolate(images, size: [grid.X * patch, grid.Y * patch], mode: InterpolationMode.Bilinear, align_corners: false);
        var patches = images.reshape(n * slices, channels, grid.X, patch, grid.Y, patch)
            .permute(0, 2, 4, 1, 3, 5)
            .reshape(n, slices, grid.X, grid.Y, channels * patch * patch);
        var kernel = (channels == 1 ? weight.sum(1, keepdim: true) : weight).flatten(1);
        return Product.Of(patches, kernel, bias).permute(0, 2, 3, 1, 4).MoveToOuterDisposeScope();
    }

    /// <summary>Gathers slices into tokens, each channel with weights of its own.</summary>
    /// <param name="tokens">[N, X', Y', Z, E].</param>
    /// <param name="length">Z', tokens along Z: each gathers S slices of the Z' · S that Z is enlarged to.</param>
    /// <param name="weight">[E, 1, 1, 1, S].</param>
    /// <param name="bias">[E].</param>
    /// <returns>[N, X', Y', Z', E].</returns>
    public static Tensor Gather(Tensor tokens, int length, Tensor weight, Tensor bias)
    {
        using var scope = NewDisposeScope();
        long n = tokens.shape[0], x = tokens.shape[1], y = tokens.shape[2], slices = tokens.shape[3], width = tokens.shape[4];
        long gathered = weight.shape[4];
        var kernel = weight.view(width, gathered);
        if (slices == length * gathered)
            return ((tokens.reshape(n, x, y, length, gathered, width) * kernel.t()).sum(4) + bias).MoveToOuterDisposeScope();
        // Each enlarged slice is a mean of slices: the rows of what enlarging makes of the unit vectors.
        var enlarging = functional.interpolate(
                eye(slices, dtype: tokens.dtype, device: tokens.device).unsqueeze(0), size: [length * gathered], mode: InterpolationMode.Linear,
                align_corners: false)
            .squeeze(0).view(slices, length, gathered);
        var folded = einsum("es,jgs->ejg", kernel, enlarging);                           // [E, Z, Z']
        return (einsum("nxyje,ejg->nxyge", tokens, folded) + bias).MoveToOuterDisposeScope();
    }
}
