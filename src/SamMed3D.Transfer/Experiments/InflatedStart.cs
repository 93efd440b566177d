namespace SamMed3D.Transfer;

/// <summary>
/// A 2D SAM's image encoder (vit_b, vit_l, vit_h, or MedSAM), inflated to 3D (<see cref="WeightInflation"/>). The model's encoder must have its widths and
/// the textbook relative positions, as <see cref="EncoderOptions.InflatedSamViTB"/> has.
/// </summary>
public sealed record InflatedStart : StartOptions
{
    /// <summary>A .pth or .safetensors file with SAM's key names, relative to the current directory.</summary>
    public required string Path { get; init; }

    /// <summary>How kernels and tables get their third axis.</summary>
    public InflationOptions Inflation { get; init; } = new();

    /// <summary>What the load may do beyond that (<see cref="LoadPolicy.Inflating"/>).</summary>
    public LoadPolicy Load { get; init; } = LoadPolicy.Inflating;

    /// <inheritdoc/>
    public override string? Source => Path;

    /// <summary>These options, when they make sense.</summary>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public InflatedStart Validated() => string.IsNullOrWhiteSpace(Path)
        ? throw new ArgumentException("Path is empty; give a .pth or .safetensors file of a 2D SAM.", nameof(Path))
        : this;
}
