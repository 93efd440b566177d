namespace SamMed3D.Transfer;

/// <summary>A start from the weights of a file.</summary>
public abstract record FileStart : StartOptions
{
    private protected FileStart()
    {
    }

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
    public FileStart Validated() => string.IsNullOrWhiteSpace(Path)
        ? throw new ArgumentException($"Path is empty; give {Wanted}.", nameof(Path))
        : this;

    /// <summary>What file is wanted.</summary>
    private protected virtual string Wanted => "a .pth or .safetensors file";

    /// <summary>The policy for a model and a file.</summary>
    internal virtual LoadPolicy PolicyFor(nn.Module model, IWeightSource source) => Load;
}
