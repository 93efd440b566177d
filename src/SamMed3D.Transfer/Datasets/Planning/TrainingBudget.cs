namespace SamMed3D.Transfer;

/// <summary>Trains on a part of the labelled cases alone, to see how much labelling a start saves.</summary>
public sealed record TrainingBudget
{
    /// <summary>Percent of the training subjects: one of those in the file.</summary>
    public required int Percent { get; init; }

    /// <summary>The file with the nested subsets of each fold, as <c>sammed3d plan</c> writes it.</summary>
    public required string File { get; init; }

    /// <summary>This budget, when it makes sense.</summary>
    /// <exception cref="ArgumentException">It does not.</exception>
    public TrainingBudget Validated()
    {
        if (Percent is < 1 or > 100)
            throw new ArgumentException($"Percent is {Percent}; expected 1 to 100.", nameof(Percent));
        return string.IsNullOrWhiteSpace(File) ? throw new ArgumentException("File is empty; give the budgets.json of a plan.", nameof(File)) : this;
    }
}
