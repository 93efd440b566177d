namespace SamMed3D.Transfer;

/// <summary>Cross entropy, averaged over voxels: of the softmax, or of the sigmoid where there is one channel.</summary>
public sealed record VoxelCrossEntropyLoss : SegmentationLoss
{
    /// <summary>
    /// A factor per channel, background included; null for none. With softmax the mean is weighted, as PyTorch's; with one channel it
    /// is the factor of positive voxels.
    /// </summary>
    public IReadOnlyList<double>? ClassWeights { get; init; }

    /// <inheritdoc/>
    protected internal override Tensor Evaluate(Tensor logits, Tensor labels)
    {
        var weights = WeightTensor(ClassWeights, logits);
        return logits.shape[1] == 1
            ? functional.binary_cross_entropy_with_logits(logits, labels.unsqueeze(1).to(logits.dtype), pos_weights: weights)
            : functional.cross_entropy(logits, labels, weights);
    }
}
