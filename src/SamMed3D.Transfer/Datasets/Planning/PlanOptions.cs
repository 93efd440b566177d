namespace SamMed3D.Transfer;

/// <summary>What a plan has to go by beside the data.</summary>
public sealed record PlanOptions
{
    /// <summary>Memory of the machine or the GPU that a training step may take, in GB (2^30 bytes).</summary>
    public double MemoryGB { get; init; } = 8;

    /// <summary>Folds.</summary>
    public int FoldCount { get; init; } = 5;

    /// <summary>Seed of folds, budgets, samples and of the run.</summary>
    public long Seed { get; init; }

    /// <summary>A checkpoint of SAM-Med3D to start from; null to start from scratch.</summary>
    public string? Weights { get; init; }

    /// <summary>A regular expression that finds the subject in a case's id: its first group, or the whole match; null to go by what the data set says.</summary>
    public string? SubjectPattern { get; init; }

    /// <summary>These options, when they make sense.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public PlanOptions Validated()
    {
        if (!(MemoryGB > 0 && double.IsFinite(MemoryGB)))
            throw new ArgumentException($"MemoryGB is {MemoryGB}; expected a number of GB above 0.");
        if (FoldCount < 2)
            throw new ArgumentException($"FoldCount is {FoldCount}; expected 2 or more.");
        return this;
    }
}
