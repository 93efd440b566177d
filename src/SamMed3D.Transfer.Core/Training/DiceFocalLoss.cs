namespace SamMed3D.Transfer;

/// <summary>Dice plus focal loss, MONAI's <c>DiceFocalLoss</c>.</summary>
public sealed record DiceFocalLoss : SegmentationLoss
{
    /// <summary>The overlap part; with several classes it uses the softmax.</summary>
    public DiceLoss Dice { get; init; } = new();

    /// <summary>The voxelwise part; it always uses the sigmoid of each channel.</summary>
    public FocalLoss Focal { get; init; } = new();

    /// <summary>Factor of <see cref="Dice"/>.</summary>
    public double DiceWeight { get; init; } = 1;

    /// <summary>Factor of <see cref="Focal"/>.</summary>
    public double FocalWeight { get; init; } = 1;

    /// <inheritdoc/>
    protected internal override Tensor Evaluate(Tensor logits, LossTarget target) =>
        DiceWeight * Dice.Evaluate(logits, target) + FocalWeight * Focal.Evaluate(logits, target);
}
