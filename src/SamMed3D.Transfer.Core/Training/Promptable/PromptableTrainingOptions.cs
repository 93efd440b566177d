namespace SamMed3D.Transfer;

/// <summary>
/// How a promptable model is trained. Clicks, loss, optimizer and the two steps down of the rate are SAM-Med3D's (arXiv 2310.15161); its 12
/// volumes a batch, 20 batches a step and 200 epochs are for many GPUs, so that batch, accumulation and steps are for you to set.
/// As published, every parameter is decayed, norms and biases too, and gradients are not clipped.
/// </summary>
public sealed record PromptableTrainingOptions : TrainerOptions
{
    /// <summary>The published rate of both heads, as a share of the image encoder's.</summary>
    public const double PublishedHeadFraction = 0.1;

    /// <summary>The published options.</summary>
    public PromptableTrainingOptions()
    {
        Steps = 2000;
        BatchSize = 1;
        LearningRate = 8e-4;
        WeightDecay = 0.1;
        WarmupSteps = 0;
        Schedule = RateSchedule.MultiStep;
        ClipNorm = 0;
    }

    /// <summary>The rate of prompt encoder and mask decoder as a share of that: a tenth, as published. A small model from scratch learns sooner with 1.</summary>
    public double HeadRateFraction { get; init; } = PublishedHeadFraction;

    /// <summary>Rounds on each batch: clicks, then a mask. One round in the middle, drawn at random, and the last one get no new click.</summary>
    public int RoundCount { get; init; } = 11;

    /// <summary>
    /// Whether a round gets all clicks so far, as it will in use. The published training gives the newest one alone, so that its model meets
    /// several clicks at once for the first time when it is used.
    /// </summary>
    public bool GivesAllClicks { get; init; }

    /// <summary>Where the simulated user clicks in training.</summary>
    public ClickStrategy Clicks { get; init; } = ClickStrategy.Random;

    internal override bool DecaysEverything => true;

    internal override double HeadShare => HeadRateFraction;

    /// <summary>These options, once they are known to make sense.</summary>
    /// <exception cref="ArgumentException">An option is out of its range, or two contradict each other.</exception>
    public PromptableTrainingOptions Validated()
    {
        RequireSense();
        Require(HeadRateFraction >= 0 && double.IsFinite(HeadRateFraction), $"HeadRateFraction {HeadRateFraction} is negative.");
        Require(RoundCount >= 1, $"RoundCount {RoundCount} is not positive.");
        return this;
    }
}
