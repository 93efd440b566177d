namespace SamMed3D.Transfer;

/// <summary>The encoder keeps its embedding and its blocks up to one; what follows learns.</summary>
public sealed record FreezeUpToBlock : FreezingOptions
{
    /// <summary>The last block that is frozen, counted from 0.</summary>
    public required int Block { get; init; }

    /// <inheritdoc/>
    public override long? LearnsFrom(ParameterPlace place) =>
        place.Part == ModelPart.Embedding || (place.Part == ModelPart.Block && place.Block <= Block) ? null : 0;

    /// <inheritdoc/>
    public override string? WhyRefused(int blockCount) => Block < blockCount
        ? null
        : $"names block {Block}, but the encoder has blocks 0 to {blockCount - 1}";

    /// <summary>These options, when they make sense.</summary>
    /// <exception cref="ArgumentException">The block is negative.</exception>
    public FreezeUpToBlock Validated() => Block >= 0
        ? this
        : throw new ArgumentException($"Block {Block} is negative; blocks are counted from 0.", nameof(Block));
}
