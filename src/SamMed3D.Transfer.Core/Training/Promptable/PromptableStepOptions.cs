namespace SamMed3D.Transfer;

/// <summary>What one training step of a promptable model does. The defaults are SAM-Med3D's.</summary>
public sealed record PromptableStepOptions
{
    /// <summary>Rounds of clicking and predicting on each batch.</summary>
    public int RoundCount { get; init; } = 11;

    /// <summary>The loss of one round, between logits on the voxels of the image and labels 0 and 1; the step's is their sum.</summary>
    public SegmentationLoss Loss { get; init; } = new DiceCrossEntropyLoss { Dice = new DiceLoss { SquaredDenominator = true } };

    /// <summary>These options, when they make sense.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public PromptableStepOptions Validated()
    {
        if (RoundCount < 1)
            throw new ArgumentException($"RoundCount is {RoundCount}; it must be at least 1.");
        if (Loss is null)
            throw new ArgumentException("Loss is missing.");
        return this;
    }
}
