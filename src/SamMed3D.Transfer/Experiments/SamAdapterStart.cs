namespace SamMed3D.Transfer;

/// <summary>
/// A frozen 2D SAM (vit_b, vit_l, vit_h, or MedSAM) under the adapters of 3DSAM-adapter, or an encoder of 3DSAM-adapter that was trained already. The model's
/// encoder must be a <see cref="SamAdapterOptions"/>.
/// </summary>
public sealed record SamAdapterStart : FileStart
{
    /// <summary>Loads equal shapes alone, unless told otherwise: what 3DSAM-adapter adds is never asked of a 2D SAM.</summary>
    public SamAdapterStart() => Load = LoadPolicy.Refuse;

    private protected override string Wanted => "a .pth or .safetensors file of a 2D SAM";
}
