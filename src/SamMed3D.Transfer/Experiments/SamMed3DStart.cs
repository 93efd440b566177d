namespace SamMed3D.Transfer;

/// <summary>A SAM-Med3D checkpoint, of which everything learns. Position tables of another grid are resized, which the load report lists.</summary>
public sealed record SamMed3DStart : FileStart
{
    /// <summary>Resizes position tables, unless told otherwise.</summary>
    public SamMed3DStart() => Load = Load with { ResizePositions = true };
}
