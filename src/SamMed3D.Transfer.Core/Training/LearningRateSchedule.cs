namespace SamMed3D.Transfer;

/// <summary>The learning rate as a pure function of the step, so that a resumed run has the rate of one that never stopped.</summary>
public static class LearningRateSchedule
{
    private const double PolynomialPower = 0.9;

    /// <summary>The rate of one step.</summary>
    /// <param name="options">Full rate, steps, warm-up and shape.</param>
    /// <param name="step">Counted from 0, below <see cref="TrainerOptions.Steps"/>. The first step already moves: it has 1/WarmupSteps of the full rate.</param>
    public static double At(TrainerOptions options, long step)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        if (step < options.WarmupSteps)
            return options.LearningRate * (step + 1) / options.WarmupSteps;
        if (options.Schedule == RateSchedule.MultiStep)
            return options.LearningRate * Math.Pow(options.RateFactor, options.Milestones.Count(share => step >= share * options.Steps));
        double progress = Math.Min(1, (double)(step - options.WarmupSteps) / Math.Max(1, options.Steps - options.WarmupSteps));
        double shape = options.Schedule switch
        {
            RateSchedule.Cosine => (1 + Math.Cos(Math.PI * progress)) / 2,
            RateSchedule.Polynomial => Math.Pow(1 - progress, PolynomialPower),
            RateSchedule.Constant => 1,
            _ => throw new ArgumentException($"There is no schedule {options.Schedule}.", nameof(options)),
        };
        return options.LearningRate * (options.FinalRateFraction + (1 - options.FinalRateFraction) * shape);
    }
}
