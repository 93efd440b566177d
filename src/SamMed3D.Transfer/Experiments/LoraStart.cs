namespace SamMed3D.Transfer;

/// <summary>A SAM-Med3D checkpoint whose encoder learns by LoRA alone.</summary>
public sealed record LoraStart : AdaptedStart
{
    /// <summary>Rank, layers and so on.</summary>
    public LoraOptions Lora { get; init; } = new();

    /// <inheritdoc/>
    internal override AdapterOptions Adaptation => Lora;
}
