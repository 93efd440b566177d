namespace SamMed3D.Transfer;

/// <summary>
/// A loss between a segmentation head's logits and class labels. One logit channel is a binary problem (sigmoid, labels 0 and 1);
/// more channels are exclusive classes (softmax, labels 0 to K-1), or overlapping regions (a sigmoid each). Voxels labelled
/// <see cref="LabelScheme.Ignored"/> give neither loss nor gradient, and means are over the others.
/// </summary>
/// <remarks>The numbers are those of MONAI 1.3.2's losses, gradients included; golden case <c>losses</c>.</remarks>
public abstract record SegmentationLoss
{
    /// <summary>The loss of a batch.</summary>
    /// <param name="logits">[N, K, X, Y, Z]; types below float32 are widened to it.</param>
    /// <param name="labels">[N, 1, X, Y, Z] or [N, X, Y, Z], any integer type, on the same device.</param>
    /// <param name="scheme">What the labels mean where they mean regions; null for classes.</param>
    /// <returns>[]; the caller owns it.</returns>
    /// <exception cref="ArgumentException">The shapes don't belong together, or the options don't fit the number of classes.</exception>
    public Tensor Compute(Tensor logits, Tensor labels, LabelScheme? scheme = null)
    {
        using var scope = NewDisposeScope();
        var (wideLogits, target) = Prepare(logits, labels, scheme);
        return Evaluate(wideLogits, target).MoveToOuterDisposeScope();
    }

    /// <summary>The loss, on tensors that were checked.</summary>
    /// <param name="logits">[N, K, X, Y, Z], float32 or float64.</param>
    /// <param name="target">The truth.</param>
    /// <returns>[]; it may live in the scope around the call.</returns>
    protected internal abstract Tensor Evaluate(Tensor logits, LossTarget target);

    /// <summary>Checks the shapes and brings both tensors into the form that <see cref="Evaluate"/> takes.</summary>
    private protected static (Tensor Logits, LossTarget Target) Prepare(Tensor logits, Tensor labels, LabelScheme? scheme)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(labels);
        if (logits.shape is not [var n, > 0, var x, var y, var z])
            throw new ArgumentException($"Expected logits [N, K, X, Y, Z], got [{string.Join(", ", logits.shape)}].", nameof(logits));
        long[] expected = [n, x, y, z];
        var withoutChannel = labels.shape is [_, 1, _, _, _] ? labels.squeeze(1) : labels.alias();
        if (!withoutChannel.shape.SequenceEqual(expected))
            throw new ArgumentException(
                $"Expected labels [{n}, 1, {x}, {y}, {z}] or [{n}, {x}, {y}, {z}] for logits [{string.Join(", ", logits.shape)}], "
                + $"got [{string.Join(", ", labels.shape)}].", nameof(labels));
        if (withoutChannel.is_floating_point())
            throw new ArgumentException($"Expected labels of an integer type, got {labels.dtype}.", nameof(labels));
        return (logits.dtype == ScalarType.Float64 ? logits.alias() : logits.to(ScalarType.Float32),
            new LossTarget(withoutChannel.to(ScalarType.Int64), logits.shape[1], scheme));
    }

    /// <summary>Checks class weights against the number of channels.</summary>
    /// <returns>[K], or null when there are no weights.</returns>
    private protected static Tensor? WeightTensor(IReadOnlyList<double>? weights, Tensor logits)
    {
        if (weights is null)
            return null;
        if (weights.Count != logits.shape[1])
            throw new ArgumentException($"There are {weights.Count} class weights for {logits.shape[1]} channels; give one for each channel.");
        return tensor(weights.ToArray(), logits.dtype, logits.device);
    }
}
