namespace SamMed3D.Transfer;

/// <summary>How a segmentation network is trained.</summary>
public sealed record TrainingOptions : TrainerOptions
{
    /// <summary>What is minimized.</summary>
    public SegmentationLoss Loss { get; init; } = new DiceCrossEntropyLoss();

    /// <summary>These options, once they are known to make sense.</summary>
    /// <exception cref="ArgumentException">An option is out of its range, or two contradict each other.</exception>
    public TrainingOptions Validated()
    {
        RequireSense();
        Require(Loss is not null, $"Loss is missing.");
        return this;
    }
}
