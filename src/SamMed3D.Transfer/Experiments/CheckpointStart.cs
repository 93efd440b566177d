namespace SamMed3D.Transfer;

/// <summary>
/// Weights from a file. What it holds is recognised by its content: a whole UNETR of the experiment's kind fills the whole model, any other
/// checkpoint its encoder; one of another kind of encoder is refused.
/// </summary>
public sealed record CheckpointStart : StartOptions
{
    /// <summary>A .pth or .safetensors file, relative to the current directory.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// What the load may do beyond copying equal shapes. Unless told otherwise nothing, but for the input channels: SAM-Med3D was trained on one, and
    /// a model of several starts from the same kernels, divided (<see cref="InputChannelPolicy.MeanPreserving"/>).
    /// </summary>
    public LoadPolicy Load { get; init; } = new() { InputChannels = InputChannelPolicy.MeanPreserving };

    /// <inheritdoc/>
    public override string? Source => Path;

    /// <summary>These options, when they make sense.</summary>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public CheckpointStart Validated() => string.IsNullOrWhiteSpace(Path)
        ? throw new ArgumentException("Path is empty; give a .pth or .safetensors file.", nameof(Path))
        : this;
}
