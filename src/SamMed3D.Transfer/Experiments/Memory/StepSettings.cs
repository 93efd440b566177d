namespace SamMed3D.Transfer;

/// <summary>What decides, beside the model, how much a training step keeps for its backward pass.</summary>
/// <param name="BatchSize">Patches or targets at once; accumulated batches come one after the other.</param>
/// <param name="IsCheckpointed">Whether the encoder's blocks keep their inputs alone.</param>
/// <param name="IsNarrow">Whether products are in 16 bits.</param>
/// <param name="EncoderLearns">Whether anything in the encoder wants a gradient; else it keeps nothing.</param>
internal sealed record StepSettings(int BatchSize, bool IsCheckpointed = false, bool IsNarrow = false, bool EncoderLearns = true);
