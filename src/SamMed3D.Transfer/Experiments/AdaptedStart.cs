namespace SamMed3D.Transfer;

/// <summary>
/// A SAM-Med3D checkpoint of which little is to change: the start decides <see cref="EncoderOptions.Adapter"/>. Adapters that the file has already, as that of an
/// earlier run, are loaded too; others begin anew.
/// </summary>
public abstract record AdaptedStart : StartOptions
{
    private protected AdaptedStart()
    {
    }

    /// <summary>A .pth or .safetensors file, relative to the current directory.</summary>
    public required string Path { get; init; }

    /// <summary>What the load may do beyond copying equal shapes: as for <see cref="CheckpointStart"/>.</summary>
    public LoadPolicy Load { get; init; } = new() { InputChannels = InputChannelPolicy.MeanPreserving };

    /// <summary>What is to learn.</summary>
    internal abstract AdapterOptions Adaptation { get; }

    /// <inheritdoc/>
    public override string? Source => Path;

    /// <inheritdoc/>
    public override BackboneOptions Fit(BackboneOptions backbone) => backbone is EncoderOptions encoder ? encoder with { Adapter = Adaptation } : backbone;

    /// <summary>These options, when they make sense.</summary>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public AdaptedStart Validated() => string.IsNullOrWhiteSpace(Path)
        ? throw new ArgumentException("Path is empty; give a .pth or .safetensors file.", nameof(Path))
        : this;

    /// <summary>The policy under which adapters that the file lacks are not asked for.</summary>
    internal LoadPolicy PolicyFor(Unetr model, IWeightSource source)
    {
        const string encoder = "vit.";
        bool IsLacking(string name) => !source.Tensors.Any(info => info.Name.EndsWith(name[encoder.Length..], StringComparison.Ordinal));
        return Load with
        {
            KeepInitial = [.. Load.KeepInitial, .. model.named_parameters().Select(entry => entry.name).Where(AdapterOptions.IsAdded).Where(IsLacking)],
        };
    }
}
