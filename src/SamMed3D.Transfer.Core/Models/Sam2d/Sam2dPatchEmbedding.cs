namespace SamMed3D.Transfer;

/// <summary>Cuts an image into square patches and projects each to a token: SAM's `PatchEmbed`.</summary>
internal sealed class Sam2dPatchEmbedding : Module<Tensor, Tensor>
{
    private readonly Conv2d proj;

    private readonly int _patchSize;

    public Sam2dPatchEmbedding(Sam2dEncoderOptions options)
        : base(nameof(Sam2dPatchEmbedding))
    {
        _patchSize = options.PatchSize;
        proj = Conv2d(options.InputChannels, options.EmbeddingWidth, options.PatchSize, stride: options.PatchSize);
        RegisterComponents();
    }

    /// <param name="image">[N, C, H, W].</param>
    /// <returns>[N, H/P, W/P, width].</returns>
    public override Tensor forward(Tensor image)
    {
        using var scope = NewDisposeScope();
        long p = _patchSize, n = image.shape[0], channels = image.shape[1], rows = image.shape[2] / p, columns = image.shape[3] / p;
        // One matrix product over cut-out patches, as in PatchEmbedding.
        var patches = image.reshape(n, channels, rows, p, columns, p).permute(0, 2, 4, 1, 3, 5).reshape(n, rows, columns, channels * p * p);
        return functional.linear(patches, proj.weight!.flatten(1), proj.bias).MoveToOuterDisposeScope();
    }
}
