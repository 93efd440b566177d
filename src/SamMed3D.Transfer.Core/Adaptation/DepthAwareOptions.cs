namespace SamMed3D.Transfer;

/// <summary>
/// The adapters of 3DSAM-adapter (Gong et al., arXiv 2306.13465) at the beginning of each block: a bottleneck with a depthwise 3x3x3 convolution.
/// </summary>
public sealed record DepthAwareOptions : AdapterOptions
{
    /// <summary>The bottleneck has so many times fewer channels than a token.</summary>
    public int Reduction { get; init; } = 2;

    /// <summary>
    /// Whether they change nothing until they are trained: the last layer starts at zero, and the published ReLU after it is left out. Otherwise they are as
    /// published, and the encoder starts as another than was pretrained.
    /// </summary>
    public bool StartsAsIdentity { get; init; } = true;

    /// <inheritdoc/>
    public override AdapterOptions Validated() => Reduction >= 1
        ? this
        : throw new ArgumentException($"Reduction is {Reduction}; it must be at least 1.", nameof(Reduction));
}
