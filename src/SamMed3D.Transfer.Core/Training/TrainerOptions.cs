namespace SamMed3D.Transfer;

/// <summary>What every training has, whatever is trained. The defaults are those of UNETR's paper (AdamW, 1e-4, 20,000 steps with warm-up and cosine) with clipping.</summary>
public abstract record TrainerOptions
{
    /// <summary>Steps in a row that may be left out by <see cref="NonFiniteAction.Skip"/> before the training is given up.</summary>
    public const int MostSkipsInARow = 20;

    /// <summary>Optimizer steps altogether.</summary>
    public long Steps { get; init; } = 20_000;

    /// <summary>Patches or targets in a batch.</summary>
    public int BatchSize { get; init; } = 2;

    /// <summary>Batches whose gradients are averaged in a step: the step of a larger batch in the memory of a small one.</summary>
    public int AccumulationSteps { get; init; } = 1;

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

    /// <summary>Where cosine and polynomial end, as a share of the full rate.</summary>
    public double FinalRateFraction { get; init; }

    /// <summary>Where <see cref="RateSchedule.MultiStep"/> goes down, as shares of <see cref="Steps"/>: SAM-Med3D's epochs 120 and 180 of 200, unless told otherwise.</summary>
    public IReadOnlyList<double> Milestones { get; init; } = [0.6, 0.9];

    /// <summary>By how much <see cref="RateSchedule.MultiStep"/> goes down each time.</summary>
    public double RateFactor { get; init; } = 0.1;

    /// <summary>The largest norm of all gradients together; longer ones are shortened. 0 for no limit.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>
    /// How much of the running average of the weights stays at each step, such as 0.999; the average is what is validated and kept. Early steps count
    /// more: the share is at most (1 + step) / (10 + step). 0 for no average.
    /// </summary>
    public double AverageDecay { get; init; }

    /// <summary>What happens when loss or gradients are infinite or no number.</summary>
    public NonFiniteAction NonFinite { get; init; } = NonFiniteAction.Stop;

    /// <summary>
    /// What the model multiplies in; parameters, optimizer, norms and losses stay float32 (<see cref="MixedPrecision"/>). With float16 the loss is
    /// scaled, and steps whose gradients overflow are left out and counted (<see cref="LossScaler"/>).
    /// </summary>
    public ComputePrecision Precision { get; init; }

    /// <summary>
    /// Whether the encoder's blocks keep only their inputs and are computed again in the backward pass: the same gradients, about a third more time, and of
    /// the encoder's activations a small part.
    /// </summary>
    public bool Checkpointing { get; init; }

    /// <summary>Steps from one validation to the next; the last step always has one. 0 for the last alone.</summary>
    public long ValidateEvery { get; init; } = 500;

    /// <summary>Validations in a row without a new best after which the training ends early. 0 for never.</summary>
    public int Patience { get; init; }

    /// <summary>
    /// Whether the live tensors are counted after every step and a growing number ends the training (<see cref="SamMed3D.Transfer.LeakCheck"/>): for
    /// whoever writes losses, models or batches of their own. Batches are then made on the training's own thread, which changes no number.
    /// </summary>
    public bool LeakCheck { get; init; }

    /// <summary>Seed of everything random in the run; batches and dropout are a function of it and the step.</summary>
    public long Seed { get; init; }

    /// <summary>Whether norms, biases and position tables are decayed too.</summary>
    internal virtual bool DecaysEverything => false;

    /// <summary>The rate of everything that is no part of the encoder, as a share of the encoder's.</summary>
    internal virtual double HeadShare => 1;

    /// <summary>Throws where an option is out of its range or two contradict each other.</summary>
    private protected void RequireSense()
    {
        Require(Steps >= 1, $"Steps {Steps} is not positive.");
        Require(BatchSize >= 1, $"BatchSize {BatchSize} is not positive.");
        Require(AccumulationSteps >= 1, $"AccumulationSteps {AccumulationSteps} is not positive.");
        Require(LearningRate > 0 && double.IsFinite(LearningRate), $"LearningRate {LearningRate} is not positive.");
        Require(WeightDecay >= 0, $"WeightDecay {WeightDecay} is negative.");
        Require(WarmupSteps >= 0, $"WarmupSteps {WarmupSteps} is negative.");
        Require(WarmupSteps < Steps, $"WarmupSteps {WarmupSteps} leaves nothing of Steps {Steps}; warm up for less or train for longer.");
        Require(FinalRateFraction is >= 0 and <= 1, $"FinalRateFraction {FinalRateFraction} is not in [0, 1].");
        Require(Milestones is not null && Milestones.All(share => share is >= 0 and <= 1), $"Milestones are shares of Steps, from 0 to 1.");
        Require(RateFactor is > 0 and <= 1, $"RateFactor {RateFactor} is not in (0, 1].");
        Require(ClipNorm >= 0, $"ClipNorm {ClipNorm} is negative; 0 means no limit.");
        Require(AverageDecay is >= 0 and < 1, $"AverageDecay {AverageDecay} is not in [0, 1); 0 means no average.");
        Require(ValidateEvery >= 0, $"ValidateEvery {ValidateEvery} is negative; 0 means after the last step alone.");
        Require(Patience >= 0, $"Patience {Patience} is negative; 0 means to train to the end.");
        Require(Patience == 0 || ValidateEvery > 0, $"Patience {Patience} needs validations on the way, but ValidateEvery is 0.");
        Require(LayerRateDecay is > 0 and <= 1, $"LayerRateDecay {LayerRateDecay} is not in (0, 1].");
        Require(Freezing is not null, $"Freezing is missing.");
    }

    private protected static void Require(bool holds, FormattableString problem)
    {
        if (!holds)
            throw new ArgumentException(FormattableString.Invariant(problem));
    }
}
