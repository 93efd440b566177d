namespace SamMed3D.Transfer;

/// <summary>
/// A frozen 2D SAM (vit_b, vit_l, vit_h, or MedSAM) under the adapters of 3DSAM-adapter, or an encoder of 3DSAM-adapter that was trained already. The model's
/// encoder must be a <see cref="SamAdapterOptions"/>.
/// </summary>
public sealed record SamAdapterStart : StartOptions
{
    /// <summary>A .pth or .safetensors file, relative to the current directory.</summary>
    public required string Path { get; init; }

    /// <summary>What the load may do beyond copying equal shapes. Unless told otherwise nothing: what 3DSAM-adapter adds is never asked of a 2D SAM.</summary>
    public LoadPolicy Load { get; init; } = LoadPolicy.Refuse;

    /// <inheritdoc/>
    public override string? Source => Path;

    /// <summary>These options, when they make sense.</summary>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public SamAdapterStart Validated() => string.IsNullOrWhiteSpace(Path)
        ? throw new ArgumentException("Path is empty; give a .pth or .safetensors file of a 2D SAM.", nameof(Path))
        : this;
}
