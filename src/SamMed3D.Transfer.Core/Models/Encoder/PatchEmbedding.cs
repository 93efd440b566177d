namespace SamMed3D.Transfer;

/// <summary>Cuts a volume into cubic patches and projects each to a token: SAM-Med3D's `PatchEmbed3D`.</summary>
public sealed class PatchEmbedding : Module<Tensor, Tensor>
{
    private readonly Conv3d proj;

    private readonly int _patchSize;

    /// <summary>Fresh weights.</summary>
    public PatchEmbedding(int inputChannels, int width, int patchSize)
        : base(nameof(PatchEmbedding))
    {
        _patchSize = patchSize;
        proj = Conv3d(inputChannels, width, patchSize, stride: patchSize);
        RegisterComponents();
    }

    /// <param name="input">[N, C, X, Y, Z], each extent a multiple of the patch edge P.</param>
    /// <returns>[N, X/P, Y/P, Z/P, width]; the caller owns it.</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        long p = _patchSize;
        long n = input.shape[0], channels = input.shape[1], x = input.shape[2] / p, y = input.shape[3] / p, z = input.shape[4] / p;
        // A convolution whose stride is its kernel is one matrix product over cut-out patches; the general convolution kernels are
        // far slower in bfloat16 and no faster in float32.
        var patches = input.reshape(n, channels, x, p, y, p, z, p).permute(0, 2, 4, 6, 1, 3, 5, 7).reshape(n, x, y, z, channels * p * p * p);
        var weight = proj.weight!.reshape(proj.weight!.shape[0], -1);
        return Product.Of(patches, weight, proj.bias).MoveToOuterDisposeScope();
    }
}
