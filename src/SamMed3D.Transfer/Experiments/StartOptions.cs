namespace SamMed3D.Transfer;

/// <summary>What the encoder's weights are before the first step.</summary>
public abstract record StartOptions
{
    /// <summary>The file that weights come from; null where there is none.</summary>
    public virtual string? Source => null;

    /// <summary>An encoder's options as this start needs them.</summary>
    public virtual BackboneOptions Fit(BackboneOptions backbone) => backbone;
}
