namespace SamMed3D.Transfer;

/// <summary>A SAM-Med3D checkpoint of whose encoder only adapters of some kind, the biases or the norms learn.</summary>
public sealed record AdapterStart : AdaptedStart
{
    /// <summary>What is added to the encoder, or which part of it learns.</summary>
    public required AdapterOptions Adapter { get; init; }

    /// <inheritdoc/>
    internal override AdapterOptions Adaptation => Adapter;
}
