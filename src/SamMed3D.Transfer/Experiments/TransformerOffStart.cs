namespace SamMed3D.Transfer;

/// <summary>
/// Random weights, and no transformer: its blocks are replaced by the identity, and the decoder gets the tokens of the patch embedding. What a run scores
/// beyond this one is what the transformer adds; a start is worth something only above it.
/// </summary>
public sealed record TransformerOffStart : StartOptions
{
    /// <inheritdoc/>
    public override BackboneOptions Fit(BackboneOptions backbone)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        return backbone with { HasTransformer = false };
    }
}
