namespace SamMed3D.Transfer;

/// <summary>Which parameters learn, and from which step.</summary>
public abstract record FreezingOptions
{
    /// <summary>The step, counted from 0, from which the parameters of a place learn: 0 for always, null for never.</summary>
    public abstract long? LearnsFrom(ParameterPlace place);

    /// <summary>Why this does not fit an encoder, in half a sentence; null when it does.</summary>
    /// <param name="blockCount">Blocks of the encoder.</param>
    public virtual string? WhyRefused(int blockCount) => null;
}
