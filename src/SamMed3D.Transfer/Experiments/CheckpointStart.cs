namespace SamMed3D.Transfer;

/// <summary>
/// Weights from a file. What it holds is recognised by its content: a whole UNETR of the experiment's kind fills the whole model, any other
/// checkpoint its encoder; one of another kind of encoder is refused.
/// </summary>
public sealed record CheckpointStart : FileStart;
