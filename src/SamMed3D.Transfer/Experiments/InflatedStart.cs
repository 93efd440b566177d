namespace SamMed3D.Transfer;

/// <summary>
/// A 2D SAM's image encoder (vit_b, vit_l, vit_h, or MedSAM), inflated to 3D (<see cref="WeightInflation"/>). The model's encoder must have its widths and
/// the textbook relative positions, as <see cref="EncoderOptions.InflatedSamViTB"/> has.
/// </summary>
public sealed record InflatedStart : FileStart
{
    /// <summary>Loads what inflation needs (<see cref="LoadPolicy.Inflating"/>), unless told otherwise.</summary>
    public InflatedStart() => Load = LoadPolicy.Inflating;

    /// <summary>How kernels and tables get their third axis.</summary>
    public InflationOptions Inflation { get; init; } = new();

    private protected override string Wanted => "a .pth or .safetensors file of a 2D SAM";
}
