namespace SamMed3D.Transfer;

/// <summary>Cross entropy, averaged over voxels: of the softmax, or of the sigmoid where there is one channel or where channels are regions.</summary>
public sealed record VoxelCrossEntropyLoss : SegmentationLoss
{
    /// <summary>
    /// A factor per channel, background included; null for none. With softmax the mean is weighted, as PyTorch's; with one channel
    /// or regions it is the factor of positive voxels.
    /// </summary>
    public IReadOnlyList<double>? ClassWeights { get; init; }

    /// <inheritdoc/>
    protected internal override Tensor Evaluate(Tensor logits, LossTarget target)
    {
        var weights = WeightTensor(ClassWeights, logits);
        if (!target.IsExclusive)
            return target.MeanOverKnown(functional.binary_cross_entropy_with_logits(
                logits, target.Membership().to(logits.dtype), reduction: Reduction.None, pos_weights: weights?.view(-1, 1, 1, 1)));
        if (target.Known is null)
            return functional.cross_entropy(logits, target.Labels, weights);
        // PyTorch's own mean is NaN where every voxel is ignored.
        var sum = functional.cross_entropy(logits, target.Labels, weights, LabelScheme.Ignored, Reduction.Sum);
        var share = weights is null ? target.Known.sum().to(logits.dtype) : (weights.view(1, -1, 1, 1, 1) * target.Membership()).sum();
        return sum / where(share > 0, share, ones_like(share));
    }
}
