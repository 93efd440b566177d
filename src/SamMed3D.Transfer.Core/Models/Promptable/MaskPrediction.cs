namespace SamMed3D.Transfer;

/// <summary>What <see cref="MaskDecoder"/> gives. Disposing it disposes both tensors.</summary>
/// <param name="Masks">[N, M, 4X', 4Y', 4Z'], logits at a quarter of the patch's resolution; above 0 is foreground.</param>
/// <param name="PredictedIou">[N, M], the quality that the model expects of each mask; not limited to 0..1.</param>
public sealed record MaskPrediction(Tensor Masks, Tensor PredictedIou) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Masks.Dispose();
        PredictedIou.Dispose();
    }
}
