namespace SamMed3D.Transfer;

/// <summary>Where a training stands, beside weights, their average and the optimizer: with these, it goes on as if it had never been stopped.</summary>
public sealed record TrainingState
{
    /// <summary>Steps done.</summary>
    public long Step { get; init; }

    /// <summary>The best <see cref="IValidationScores.Mean"/> so far; NaN before the first validation, and while all were NaN.</summary>
    public double BestMean { get; init; } = double.NaN;

    /// <summary>Validations so far.</summary>
    public long Validations { get; init; }

    /// <summary>Validations since the best.</summary>
    public int ValidationsSinceBest { get; init; }

    /// <summary>Steps that were left out, because their loss or gradients were not finite, those that the scaling of the loss left out among them.</summary>
    public long SkippedSteps { get; init; }

    /// <summary>How many of these were the last steps before now.</summary>
    public int SkippedInARow { get; init; }

    /// <summary>The scaler of the loss; null where the loss is not scaled.</summary>
    public LossScalerState? Scaler { get; init; }

    /// <summary>The last step, where its validation was broken off and is still to come; else null.</summary>
    public TrainingStep? Pending { get; init; }

    /// <summary>The state after a validation, and whether it is the best.</summary>
    internal (TrainingState State, bool IsBest) After(double mean)
    {
        bool isBest = Validations == 0 || mean > BestMean || (double.IsNaN(BestMean) && !double.IsNaN(mean));
        return (this with
        {
            Pending = null, BestMean = isBest ? mean : BestMean, Validations = Validations + 1, ValidationsSinceBest = isBest ? 0 : ValidationsSinceBest + 1,
        }, isBest);
    }
}
