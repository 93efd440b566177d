namespace SamMed3D.Transfer;

/// <summary>
/// How a promptable model is trained. Clicks, loss, optimizer and the two steps down of the rate are SAM-Med3D's (arXiv 2310.15161); its 12
/// volumes a batch, 20 batches a step and 200 epochs are for many GPUs, so that batch, accumulation and steps are for you to set.
/// </summary>
public sealed record PromptableTrainingOptions
{
    /// <summary>Optimizer steps altogether.</summary>
    public long Steps { get; init; } = 2000;

    /// <summary>Targets (a label of a case) in a batch.</summary>
    public int BatchSize { get; init; } = 1;

    /// <summary>Batches whose gradients are averaged in a step.</summary>
    public int AccumulationSteps { get; init; } = 1;

    /// <summary>The image encoder's rate.</summary>
    public double LearningRate { get; init; } = 8e-4;

    /// <summary>The rate of prompt encoder and mask decoder as a share of that: a tenth, as published. A small model from scratch learns sooner with 1.</summary>
    public double HeadRateFraction { get; init; } = PromptableOptimizer.PublishedHeadFraction;

    /// <summary>AdamW's decoupled weight decay.</summary>
    public double WeightDecay { get; init; } = 0.1;

    /// <summary>Where the rate goes down, as shares of <see cref="Steps"/>: epochs 120 and 180 of 200.</summary>
    public IReadOnlyList<double> Milestones { get; init; } = [0.6, 0.9];

    /// <summary>By how much it goes down each time.</summary>
    public double RateFactor { get; init; } = 0.1;

    /// <summary>The largest norm of all gradients together; longer ones are shortened. 0 for no limit, as published.</summary>
    public double ClipNorm { get; init; }

    /// <summary>Rounds on each batch: clicks, then a mask. One round in the middle, drawn at random, and the last one get no new click.</summary>
    public int RoundCount { get; init; } = 11;

    /// <summary>
    /// Whether a round gets all clicks so far, as it will in use. The published training gives the newest one alone, so that its model meets
    /// several clicks at once for the first time when it is used.
    /// </summary>
    public bool GivesAllClicks { get; init; }

    /// <summary>Where the simulated user clicks in training.</summary>
    public ClickStrategy Clicks { get; init; } = ClickStrategy.Random;

    /// <summary>Steps from one validation to the next; the last step always has one. 0 for the last alone.</summary>
    public long ValidateEvery { get; init; } = 500;

    /// <summary>Seed of everything random in the run.</summary>
    public long Seed { get; init; }

    /// <summary>These options, once they are known to make sense.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public PromptableTrainingOptions Validated()
    {
        Require(Steps >= 1, $"Steps {Steps} is not positive.");
        Require(BatchSize >= 1, $"BatchSize {BatchSize} is not positive.");
        Require(AccumulationSteps >= 1, $"AccumulationSteps {AccumulationSteps} is not positive.");
        Require(LearningRate > 0 && double.IsFinite(LearningRate), $"LearningRate {LearningRate} is not positive.");
        Require(HeadRateFraction >= 0 && double.IsFinite(HeadRateFraction), $"HeadRateFraction {HeadRateFraction} is negative.");
        Require(WeightDecay >= 0, $"WeightDecay {WeightDecay} is negative.");
        Require(Milestones is not null && Milestones.All(share => share is >= 0 and <= 1), $"Milestones are shares of Steps, from 0 to 1.");
        Require(RateFactor is > 0 and <= 1, $"RateFactor {RateFactor} is not in (0, 1].");
        Require(ClipNorm >= 0, $"ClipNorm {ClipNorm} is negative; 0 means no limit.");
        Require(RoundCount >= 1, $"RoundCount {RoundCount} is not positive.");
        Require(ValidateEvery >= 0, $"ValidateEvery {ValidateEvery} is negative; 0 means after the last step alone.");
        return this;
    }

    /// <summary>The image encoder's rate at a step, counted from 0: a pure function, so that a resumed run has the rate of one that never stopped.</summary>
    public double RateAt(long step) =>
        LearningRate * Math.Pow(RateFactor, Milestones.Count(share => step >= share * Steps));

    private static void Require(bool holds, FormattableString problem)
    {
        if (!holds)
            throw new ArgumentException(FormattableString.Invariant(problem));
    }
}
