namespace SamMed3D.Transfer;

/// <summary>
/// Keeps small gradients inside the range of float16 (Micikevicius et al., arXiv 1710.03740): the loss is multiplied by a factor, the gradients are divided
/// by it. Where they overflow the step is not taken and the factor is halved; after many steps without it is doubled.
/// </summary>
/// <remarks>The factor is a power of 2, so that multiplying and dividing change no bit of what stays in range.</remarks>
public sealed class LossScaler
{
    /// <summary>The factor that a run begins with: 2^16.</summary>
    public const double InitialScale = 65536;

    /// <summary>Below this the gradients are too large by themselves, and no factor helps.</summary>
    private const double Smallest = 1.0 / 1024;

    /// <summary>Where doubling ends: the product of loss and factor has to be a float32.</summary>
    private const double Largest = 1L << 40;

    private readonly int _growthInterval;

    /// <param name="growthInterval">Steps in a row without overflow after which the factor is doubled.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not positive.</exception>
    public LossScaler(int growthInterval = 2000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(growthInterval, 1);
        _growthInterval = growthInterval;
    }

    /// <summary>What the scaler knows; set it to go on where another stopped.</summary>
    /// <exception cref="ArgumentException">The factor is not positive, or a count is negative.</exception>
    public LossScalerState State
    {
        get;
        set => field = value is { Scale: > 0 and <= Largest, StepsSinceChange: >= 0, SkippedSteps: >= 0 }
            ? value
            : throw new ArgumentException($"{value} is no state of a loss scaler.", nameof(value));
    } = new(InitialScale, 0, 0);

    /// <summary>The loss to call backward on.</summary>
    /// <returns>The caller owns it.</returns>
    public Tensor Scaled(Tensor loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        return loss * State.Scale;
    }

    /// <summary>Divides the gradients by the factor, in place.</summary>
    /// <param name="parameters">Those that learn; others, and those without a gradient, are left alone.</param>
    public void Unscale(IEnumerable<Parameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        foreach (var parameter in parameters)
            parameter.grad?.mul_(1 / State.Scale);
    }

    /// <summary>To be called once a step, with the norm of the unscaled gradients.</summary>
    /// <returns>Whether the step may be taken; false where the gradients overflowed, after which the factor is smaller.</returns>
    public bool Accept(double gradientNorm)
    {
        if (!double.IsFinite(gradientNorm))
        {
            State = new(State.Scale / 2, 0, State.SkippedSteps + 1);
            return false;
        }

        long steps = State.StepsSinceChange + 1;
        State = steps < _growthInterval
            ? State with { StepsSinceChange = steps }
            : State with { Scale = Math.Min(2 * State.Scale, Largest), StepsSinceChange = 0 };
        return true;
    }

    /// <summary>Whether the factor has become so small that it cannot be the reason for overflows: training has diverged.</summary>
    public bool IsExhausted => State.Scale < Smallest;
}
