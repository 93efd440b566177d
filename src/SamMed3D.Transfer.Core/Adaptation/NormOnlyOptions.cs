namespace SamMed3D.Transfer;

/// <summary>Only the norms learn, those of the neck among them. Nothing is added.</summary>
public sealed record NormOnlyOptions : AdapterOptions
{
    // The neck's modules are numbered: convolution, norm, convolution, norm.
    private static readonly string[] Norms = ["norm1", "norm2", "neck.1", "neck.3"];

    /// <inheritdoc/>
    public override bool Trains(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string layer = name[..Math.Max(0, name.LastIndexOf('.'))];
        return Norms.Any(norm => layer.EndsWith(norm, StringComparison.Ordinal));
    }
}
