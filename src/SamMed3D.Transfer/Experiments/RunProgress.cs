namespace SamMed3D.Transfer;

/// <summary>How far a long piece of work has come.</summary>
/// <param name="Stage">What is being done, such as "training".</param>
/// <param name="Done">Units done.</param>
/// <param name="Total">Units altogether.</param>
/// <param name="Unit">What is counted, in the plural, such as "steps".</param>
/// <param name="Detail">What else there is to know, such as "loss 0.41"; may be empty.</param>
/// <param name="IsNoteworthy">Whether the detail should be seen even where most reports are skipped, such as the result of a validation.</param>
public sealed record RunProgress(string Stage, long Done, long Total, string Unit, string Detail = "", bool IsNoteworthy = false)
{
    /// <summary>The share of the next unit that is done, from 0 to 1, where units take long and tell.</summary>
    public double Part { get; init; }
}
