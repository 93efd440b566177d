namespace SamMed3D.Transfer;

/// <summary>
/// Focal loss (Lin et al. 2017, arXiv:1708.02002, equation 4 without alpha), averaged over voxels and channels. Every channel is a
/// sigmoid of its own, also with several classes, as in MONAI's <c>DiceFocalLoss</c>.
/// </summary>
public sealed record FocalLoss : SegmentationLoss
{
    /// <summary>How strongly voxels that are already right are discounted.</summary>
    public double Gamma { get; init; } = 2;

    /// <summary>Whether class 0 counts. Ignored for one channel and for regions.</summary>
    public bool IncludeBackground { get; init; } = true;

    /// <inheritdoc/>
    protected internal override Tensor Evaluate(Tensor logits, LossTarget target)
    {
        var channels = logits.shape[1];
        var truth = target.Membership();
        if (!IncludeBackground && target.IsExclusive)
        {
            logits = logits.narrow(1, 1, channels - 1);
            truth = truth.narrow(1, 1, channels - 1);
        }

        // log of the probability of the wrong answer; its exponential to the power gamma is the discount (1 - p_t)^gamma.
        var toTruth = where(truth, logits, -logits);
        var logWrong = functional.logsigmoid(-toTruth);
        return target.MeanOverKnown((Gamma * logWrong).exp() * -functional.logsigmoid(toTruth));
    }
}
