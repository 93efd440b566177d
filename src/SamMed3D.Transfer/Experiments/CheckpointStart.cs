namespace SamMed3D.Transfer;

/// <summary>
/// Weights from a file. What it holds is recognised by its content: a whole network of the experiment's kind fills the whole model, any other
/// checkpoint a UNETR's encoder; one of another kind is refused.
/// </summary>
public sealed record CheckpointStart : FileStart;
