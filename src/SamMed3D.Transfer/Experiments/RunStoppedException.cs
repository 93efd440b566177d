namespace SamMed3D.Transfer;

/// <summary>A training that was stopped, and what it leaves.</summary>
public sealed class RunStoppedException : OperationCanceledException
{
    /// <summary>Creates the exception with its message.</summary>
    /// <param name="run">The run.</param>
    /// <param name="step">Steps done.</param>
    /// <param name="steps">Steps altogether.</param>
    /// <param name="stop">What stopped it.</param>
    public RunStoppedException(RunFolder run, long step, long steps, CancellationToken stop)
        : base(step == 0
            ? $"stopped before the first of {steps} steps."
            : $"stopped after step {step} of {steps}; the weights so far are {run?.LastPath}{(File.Exists(run?.StatePath) ? $"; go on with --resume {run.Path}" : "")}.", stop)
    {
    }
}
