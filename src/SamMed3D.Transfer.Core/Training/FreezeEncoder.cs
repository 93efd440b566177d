namespace SamMed3D.Transfer;

/// <summary>The whole encoder keeps its weights; the head alone learns.</summary>
public sealed record FreezeEncoder : FreezingOptions
{
    /// <inheritdoc/>
    public override long? LearnsFrom(ParameterPlace place) => place.Part is ModelPart.Prompts or ModelPart.Head ? 0 : null;
}
