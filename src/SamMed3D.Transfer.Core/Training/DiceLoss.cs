namespace SamMed3D.Transfer;

/// <summary>
/// Soft Dice loss (Milletari et al. 2016, arXiv:1606.04797), MONAI's <c>DiceLoss</c>:
/// 1 - (2 sum(p t) + a) / (sum(p) + sum(t) + b) per sample and class, then the mean.
/// </summary>
/// <remarks>A class that is absent from truth still counts: its term is 1 - a / (sum(p) + b).</remarks>
public sealed record DiceLoss : SegmentationLoss
{
    /// <summary>Whether class 0 has a term. Ignored for one channel, which is the foreground, and for regions.</summary>
    public bool IncludeBackground { get; init; } = true;

    /// <summary>Whether the denominator sums squares (MONAI's <c>squared_pred</c>; V-Net's form, which SAM-Med3D trains with).</summary>
    public bool SquaredDenominator { get; init; }

    /// <summary>Whether to compute the soft Jaccard index in place of Dice.</summary>
    public bool Jaccard { get; init; }

    /// <summary>Whether to sum over the batch before dividing (MONAI's <c>batch</c>), which steadies small structures.</summary>
    public bool OverBatch { get; init; }

    /// <summary>Added to the numerator (a).</summary>
    public double NumeratorSmoothing { get; init; } = 1e-5;

    /// <summary>Added to the denominator (b).</summary>
    public double DenominatorSmoothing { get; init; } = 1e-5;

    /// <summary>A factor per channel, background included; null for none. Ignored for one channel.</summary>
    public IReadOnlyList<double>? ClassWeights { get; init; }

    /// <summary>The term of each sample and class, before the mean.</summary>
    /// <param name="logits">[N, K, X, Y, Z].</param>
    /// <param name="labels">[N, 1, X, Y, Z] or [N, X, Y, Z], any integer type.</param>
    /// <param name="scheme">What the labels mean where they mean regions; null for classes.</param>
    /// <returns>[N, K], or [1, K] with <see cref="OverBatch"/>; K-1 columns without background. The caller owns it.</returns>
    /// <exception cref="ArgumentException">The shapes don't belong together, or the options don't fit the number of classes.</exception>
    public Tensor Terms(Tensor logits, Tensor labels, LabelScheme? scheme = null)
    {
        using var scope = NewDisposeScope();
        var (wideLogits, target) = Prepare(logits, labels, scheme);
        return EvaluateTerms(wideLogits, target).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected internal override Tensor Evaluate(Tensor logits, LossTarget target) => EvaluateTerms(logits, target).mean();

    private Tensor EvaluateTerms(Tensor logits, LossTarget target)
    {
        var channels = logits.shape[1];
        var weights = channels == 1 ? null : WeightTensor(ClassWeights, logits);
        var zero = zeros([], logits.dtype, logits.device);
        var probabilities = target.IsExclusive ? logits.softmax(1) : logits.sigmoid();
        if (target.Known is { } known)
            probabilities = where(known, probabilities, zero);
        var truth = target.Membership();
        if (!IncludeBackground && target.IsExclusive)
        {
            probabilities = probabilities.narrow(1, 1, channels - 1);
            truth = truth.narrow(1, 1, channels - 1);
            weights = weights?.narrow(0, 1, channels - 1);
        }

        // where() keeps the one-byte mask for the backward pass; a product would keep a float copy of it.
        long[] axes = OverBatch ? [0, 2, 3, 4] : [2, 3, 4];
        var intersection = where(truth, probabilities, zero).sum(axes);
        var predicted = (SquaredDenominator ? probabilities.square() : probabilities).sum(axes);
        var denominator = predicted + truth.sum(axes).to(logits.dtype);
        if (Jaccard)
            denominator = 2 * (denominator - intersection);
        var terms = 1 - (2 * intersection + NumeratorSmoothing) / (denominator + DenominatorSmoothing);
        terms = weights is null ? terms : terms * weights;
        return OverBatch ? terms.unsqueeze(0) : terms;
    }
}
