namespace SamMed3D.Transfer;

/// <summary>How a model is trained. The defaults are those of UNETR's paper (AdamW, 1e-4, 20,000 steps with warm-up and cosine) with clipping.</summary>
public sealed record TrainingOptions
{
    /// <summary>Optimizer steps altogether.</summary>
    public long Steps { get; init; } = 20_000;

    /// <summary>Patches per step.</summary>
    public int BatchSize { get; init; } = 2;

    /// <summary>The full rate, reached at the end of the warm-up.</summary>
    public double LearningRate { get; init; } = 1e-4;

    /// <summary>AdamW's decoupled weight decay, on the parameters that <see cref="ParameterGroups"/> names decayed.</summary>
    public double WeightDecay { get; init; } = 1e-5;

    /// <summary>
    /// The rate of a layer as a share of the next one's towards the output, so that what a checkpoint brought changes the less the earlier it comes
    /// (0.75 is usual for fine-tuning a ViT-B); 1 for one rate everywhere. Head and neck have the full rate.
    /// </summary>
    public double LayerRateDecay { get; init; } = 1;

    /// <summary>What keeps its weights, and how long.</summary>
    public FreezingOptions Freezing { get; init; } = new FreezeNothing();

    /// <summary>Steps over which the rate grows linearly; part of <see cref="Steps"/>.</summary>
    public long WarmupSteps { get; init; } = 500;

    /// <summary>How the rate goes on after the warm-up.</summary>
    public RateSchedule Schedule { get; init; } = RateSchedule.Cosine;

    /// <summary>Where the schedule ends, as a share of the full rate.</summary>
    public double FinalRateFraction { get; init; }

    /// <summary>The largest norm of all gradients together; longer ones are shortened. 0 for no limit.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>Steps from one validation to the next; the last step always has one. 0 for the last alone.</summary>
    public long ValidateEvery { get; init; } = 500;

    /// <summary>Seed of everything random in the run; batches are a function of it and the step.</summary>
    public long Seed { get; init; }

    /// <summary>What is minimized.</summary>
    public SegmentationLoss Loss { get; init; } = new DiceCrossEntropyLoss();

    /// <summary>These options, once they are known to make sense.</summary>
    /// <exception cref="ArgumentException">An option is out of its range, or two contradict each other.</exception>
    public TrainingOptions Validated()
    {
        Require(Steps >= 1, $"Steps {Steps} is not positive.");
        Require(BatchSize >= 1, $"BatchSize {BatchSize} is not positive.");
        Require(LearningRate > 0 && double.IsFinite(LearningRate), $"LearningRate {LearningRate} is not positive.");
        Require(WeightDecay >= 0, $"WeightDecay {WeightDecay} is negative.");
        Require(WarmupSteps >= 0, $"WarmupSteps {WarmupSteps} is negative.");
        Require(WarmupSteps < Steps, $"WarmupSteps {WarmupSteps} leaves nothing of Steps {Steps}; warm up for less or train for longer.");
        Require(FinalRateFraction is >= 0 and <= 1, $"FinalRateFraction {FinalRateFraction} is not in [0, 1].");
        Require(ClipNorm >= 0, $"ClipNorm {ClipNorm} is negative; 0 means no limit.");
        Require(ValidateEvery >= 0, $"ValidateEvery {ValidateEvery} is negative; 0 means after the last step alone.");
        Require(LayerRateDecay is > 0 and <= 1, $"LayerRateDecay {LayerRateDecay} is not in (0, 1].");
        Require(Freezing is not null, $"Freezing is missing.");
        Require(Loss is not null, $"Loss is missing.");
        return this;
    }

    private static void Require(bool holds, FormattableString problem)
    {
        if (!holds)
            throw new ArgumentException(FormattableString.Invariant(problem));
    }
}
