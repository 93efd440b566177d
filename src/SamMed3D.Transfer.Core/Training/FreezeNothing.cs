namespace SamMed3D.Transfer;

/// <summary>Everything learns from the first step.</summary>
public sealed record FreezeNothing : FreezingOptions
{
    /// <inheritdoc/>
    public override long? LearnsFrom(ParameterPlace place) => 0;
}
