namespace SamMed3D.Transfer;

/// <summary>Weights from a file.</summary>
public sealed record CheckpointStart : StartOptions
{
    /// <summary>A .pth or .safetensors file, relative to the current directory.</summary>
    public required string Path { get; init; }

    /// <summary>What the load may do beyond copying equal shapes.</summary>
    public LoadPolicy Load { get; init; } = LoadPolicy.Refuse;

    /// <summary>These options, when they make sense.</summary>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public CheckpointStart Validated() => string.IsNullOrWhiteSpace(Path)
        ? throw new ArgumentException("Path is empty; give a .pth or .safetensors file.", nameof(Path))
        : this;
}
