namespace SamMed3D.Transfer;

/// <summary>Holds the 2D SAM's patch embedding under its keys; <see cref="SlicePatches"/> computes with it.</summary>
internal sealed class SamPatchProjection : Module
{
    private readonly Conv2d proj;

    public SamPatchProjection(int width, int patchSize)
        : base(nameof(SamPatchProjection))
    {
        proj = Conv2d(3, width, patchSize, stride: patchSize);
        RegisterComponents();
    }

    /// <summary>[E, 3, P, P].</summary>
    public Tensor Weight => proj.weight!;

    /// <summary>[E].</summary>
    public Tensor Bias => proj.bias!;
}
