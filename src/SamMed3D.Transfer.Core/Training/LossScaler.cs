namespace SamMed3D.Transfer;

/// <summary>
/// Keeps small gradients inside the range of float16 (Micikevicius et al., arXiv 1710.03740): the loss is multiplied by a factor, and the gradients are divided
/// by it. Where they overflow the step is left out and the factor halved; after many steps without overflow it is doubled.
/// </summary>
/// <remarks>The factor is a power of 2, so that multiplying and dividing change no bit of what stays in range.</remarks>
internal static class LossScaler
{
    /// <summary>Steps in a row without overflow after which the factor is doubled.</summary>
    public const int GrowthInterval = 2000;

    // Below, the gradients are too large by themselves, and no factor helps; above, the scaled loss itself may leave the range of float16.
    private const double Smallest = 1.0 / 1024, Largest = 1 << 24;

    /// <summary>Where a run begins.</summary>
    public static LossScalerState Begin { get; } = new(65536, 0);

    /// <summary>The state after a step that was taken; null where the loss is not scaled.</summary>
    public static LossScalerState? AfterStep(LossScalerState? state) => state switch
    {
        null => null,
        { StepsSinceChange: >= GrowthInterval - 1 } => new(Math.Min(2 * state.Scale, Largest), 0),
        _ => state with { StepsSinceChange = state.StepsSinceChange + 1 },
    };

    /// <summary>The state after gradients that overflowed; null where the loss is not scaled, or another factor would not help.</summary>
    public static LossScalerState? AfterOverflow(LossScalerState? state) =>
        state is null || state.Scale <= Smallest ? null : new(state.Scale / 2, 0);
}
