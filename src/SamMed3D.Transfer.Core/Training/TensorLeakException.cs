namespace SamMed3D.Transfer;

/// <summary>Tensors pile up from step to step: something makes them and nobody disposes of them.</summary>
public sealed class TensorLeakException : Exception
{
    /// <summary>Creates the exception with its message.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="before">Live tensors after an earlier step.</param>
    /// <param name="now">Live tensors after this one.</param>
    /// <param name="steps">How many steps earlier that was.</param>
    public TensorLeakException(long step, long before, long now, int steps)
        : base(FormattableString.Invariant(
            $"Tensors leak: {now} are alive after step {step}, {before} were {steps} steps earlier, about {(double)(now - before) / steps:0.#} more a step; ")
            + "dispose of what a step makes (using var scope = NewDisposeScope()).")
    {
        Step = step;
        Before = before;
        Now = now;
    }

    /// <summary>Steps done.</summary>
    public long Step { get; }

    /// <summary>Live tensors after an earlier step.</summary>
    public long Before { get; }

    /// <summary>Live tensors after this one.</summary>
    public long Now { get; }
}
