namespace SamMed3D.Transfer;

/// <summary>
/// LoRA (Hu et al., arXiv 2106.09685): beside a frozen linear layer a product of two thin matrices learns. It starts at zero, so that the
/// encoder starts as it was pretrained, and can be merged into the layer afterwards (<see cref="LoraMerge"/>).
/// </summary>
public sealed record LoraOptions : AdapterOptions
{
    /// <summary>Rank of the product.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>The product counts <see cref="Alpha"/> / <see cref="Rank"/> times.</summary>
    public double Alpha { get; init; } = 16;

    /// <summary>The probability, from 0 to below 1, with which an input of the product is left out in training.</summary>
    public double Dropout { get; init; }

    /// <summary>Which layers of each block get one.</summary>
    public IReadOnlyList<LoraTarget> Targets { get; init; } = [LoraTarget.Qkv, LoraTarget.Projection];

    /// <inheritdoc/>
    public override AdapterOptions Validated()
    {
        if (Rank < 1)
            throw new ArgumentException($"Rank is {Rank}; it must be at least 1.", nameof(Rank));
        if (!(Alpha > 0) || double.IsInfinity(Alpha))
            throw new ArgumentException($"Alpha is {Alpha}; it must be a positive number.", nameof(Alpha));
        if (!(Dropout is >= 0 and < 1))
            throw new ArgumentException($"Dropout is {Dropout}; it must be at least 0 and below 1.", nameof(Dropout));
        if (Targets.Count == 0)
            throw new ArgumentException("Targets is empty; name qkv, projection or mlp.", nameof(Targets));
        return this;
    }
}
