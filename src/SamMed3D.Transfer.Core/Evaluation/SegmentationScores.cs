namespace SamMed3D.Transfer;

/// <summary>A table of scores, case by class, with its means.</summary>
public sealed record SegmentationScores : IValidationScores
{
    /// <param name="classNames">Names of classes 1, 2, ...; the background has none.</param>
    /// <param name="cases">The scores of each case.</param>
    /// <exception cref="ArgumentException">A case has scores of another number of classes.</exception>
    public SegmentationScores(IReadOnlyList<string> classNames, IReadOnlyList<CaseScores> cases)
    {
        ArgumentNullException.ThrowIfNull(classNames);
        ArgumentNullException.ThrowIfNull(cases);
        foreach (var scores in cases)
            if (scores.Classes.Count != classNames.Count)
                throw new ArgumentException(
                    $"Case {scores.CaseId} has scores of {scores.Classes.Count} classes; there are {classNames.Count} class names.", nameof(cases));
        ClassNames = classNames;
        Cases = cases;
    }

    /// <summary>Names of classes 1, 2, ....</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>The scores of each case.</summary>
    public IReadOnlyList<CaseScores> Cases { get; }

    /// <summary>The mean Dice of each class over the cases where it is in truth or prediction; NaN for a class that is in none.</summary>
    public IReadOnlyList<double> ClassMeans =>
        [.. ClassNames.Select((_, index) => ScoreMean.Of(Cases.Select(scores => scores.Classes[index].Value)))];

    /// <summary>The mean of <see cref="ClassMeans"/>: every class counts the same, however many cases have it.</summary>
    public double MeanDice => ScoreMean.Of(ClassMeans);

    /// <inheritdoc/>
    double IValidationScores.Mean => MeanDice;

    /// <summary>The mean Dice of all classes merged into one structure.</summary>
    public double ForegroundDice => ScoreMean.Of(Cases.Select(scores => scores.Foreground.Value));

    /// <summary>How many cases count towards the mean of each class: those where it is in truth or prediction.</summary>
    public IReadOnlyList<int> ClassCaseCounts =>
        [.. ClassNames.Select((_, index) => Cases.Count(scores => !scores.Classes[index].IsEmpty))];
}
