namespace SamMed3D.Transfer;

/// <summary>The loss or the gradient became infinite or no number. The model has not taken the step.</summary>
public sealed class TrainingDivergedException : Exception
{
    /// <summary>Creates the exception with its message.</summary>
    /// <param name="what">"loss" or "gradient norm".</param>
    /// <param name="value">Its value.</param>
    /// <param name="step">The step, counted from 1.</param>
    /// <param name="caseIds">The cases of the batch.</param>
    /// <param name="reason">What is to blame, in half a sentence.</param>
    public TrainingDivergedException(string what, double value, long step, IReadOnlyList<string> caseIds, string reason)
        : base(FormattableString.Invariant(
            $"The {what} became {value} at step {step} (cases {string.Join(", ", caseIds)}): {reason}; look at these cases, or lower the learning rate."))
    {
        Step = step;
        CaseIds = caseIds;
    }

    /// <summary>The step, counted from 1.</summary>
    public long Step { get; }

    /// <summary>The cases of the batch.</summary>
    public IReadOnlyList<string> CaseIds { get; }
}
