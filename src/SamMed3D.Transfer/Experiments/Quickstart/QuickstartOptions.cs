namespace SamMed3D.Transfer;

/// <summary>How large the comparison of <see cref="Quickstart"/> is. The defaults take under ten minutes on two cores.</summary>
public sealed record QuickstartOptions
{
    /// <summary>Training steps of each compared run.</summary>
    public int Steps { get; init; } = 150;

    /// <summary>Training steps of the promptable model that the pretrained arm starts from.</summary>
    public int PretrainingSteps { get; init; } = 300;

    /// <summary>Training steps of the 2D model that is inflated, and frozen under adapters.</summary>
    public int SliceSteps { get; init; } = 300;

    /// <summary>Cases of each of the two data sets that are pretrained on.</summary>
    public int PretrainingCases { get; init; } = 14;

    /// <summary>Labelled cases of the third data set that every arm trains on.</summary>
    public int TrainingCases { get; init; } = 4;

    /// <summary>Cases of the third data set that are held out: the unit of the statistics.</summary>
    public int HeldOutCases { get; init; } = 10;

    /// <summary>Seed of the data and of the pretraining; the compared runs have this seed and the next.</summary>
    public long Seed { get; init; }

    /// <summary>These options, when they make sense.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public QuickstartOptions Validated()
    {
        foreach (var (name, value) in new[]
        {
            (nameof(Steps), Steps), (nameof(PretrainingSteps), PretrainingSteps), (nameof(SliceSteps), SliceSteps),
            (nameof(TrainingCases), TrainingCases), (nameof(HeldOutCases), HeldOutCases),
        })
            if (value < 1)
                throw new ArgumentException($"{name} is {value}; expected 1 or more.");
        if (PretrainingCases < 2)
            throw new ArgumentException($"PretrainingCases is {PretrainingCases}; expected 2 or more, one of them to validate on.");
        return this;
    }
}
