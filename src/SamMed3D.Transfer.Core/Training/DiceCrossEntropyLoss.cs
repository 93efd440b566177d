namespace SamMed3D.Transfer;

/// <summary>Dice plus cross entropy, MONAI's <c>DiceCELoss</c>: the usual loss of nnU-Net, UNETR and SAM-Med3D.</summary>
/// <remarks>Leaving the background out of <see cref="Dice"/> does not leave it out of the cross entropy.</remarks>
public sealed record DiceCrossEntropyLoss : SegmentationLoss
{
    /// <summary>The overlap part.</summary>
    public DiceLoss Dice { get; init; } = new();

    /// <summary>The voxelwise part.</summary>
    public VoxelCrossEntropyLoss CrossEntropy { get; init; } = new();

    /// <summary>Factor of <see cref="Dice"/>.</summary>
    public double DiceWeight { get; init; } = 1;

    /// <summary>Factor of <see cref="CrossEntropy"/>.</summary>
    public double CrossEntropyWeight { get; init; } = 1;

    /// <inheritdoc/>
    protected internal override Tensor Evaluate(Tensor logits, LossTarget target) =>
        DiceWeight * Dice.Evaluate(logits, target) + CrossEntropyWeight * CrossEntropy.Evaluate(logits, target);
}
