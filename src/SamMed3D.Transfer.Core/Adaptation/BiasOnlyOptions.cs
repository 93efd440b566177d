namespace SamMed3D.Transfer;

/// <summary>Only biases learn, those of the norms among them (BitFit, Ben Zaken et al., arXiv 2106.10199). Nothing is added.</summary>
public sealed record BiasOnlyOptions : AdapterOptions
{
    /// <inheritdoc/>
    public override bool Trains(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.EndsWith(".bias", StringComparison.Ordinal);
    }
}
