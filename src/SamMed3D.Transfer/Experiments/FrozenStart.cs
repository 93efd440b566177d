namespace SamMed3D.Transfer;

/// <summary>
/// A SAM-Med3D checkpoint whose encoder keeps its weights, so that the head alone learns: what the pretrained features are worth as they are.
/// Position tables of another grid are resized, which the load report lists.
/// </summary>
public sealed record FrozenStart : FileStart
{
    /// <summary>Resizes position tables, unless told otherwise.</summary>
    public FrozenStart() => Load = Load with { ResizePositions = true };

    /// <inheritdoc/>
    public override FreezingOptions? Freezing => new FreezeEncoder();
}
