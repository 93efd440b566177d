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

    /// <summary>What becomes of a structure that is in neither truth nor prediction of a case. Validation in training leaves it out.</summary>
    public EmptyStructures Empty { get; init; } = EmptyStructures.LeftOut;

    /// <summary>How surfaces were compared; null where they were not.</summary>
    public SurfaceOptions? SurfaceOptions { get; init; }

    /// <summary>Whether every case has surface scores.</summary>
    public bool HasSurfaces => Cases.Count > 0 && Cases.All(scores => scores.Surfaces is not null && scores.ForegroundSurface is not null);

    /// <summary>The mean Dice of each class over the cases that count, see <see cref="Empty"/>; NaN for a class where none does.</summary>
    public IReadOnlyList<double> ClassMeans => [.. ClassNames.Select((_, index) => Mean(SegmentationMetric.Dice, index).Value)];

    /// <summary>The mean of <see cref="ClassMeans"/>: every class counts the same, however many cases have it.</summary>
    public double MeanDice => MeanOfClasses(SegmentationMetric.Dice);

    /// <inheritdoc/>
    double IValidationScores.Mean => MeanDice;

    /// <summary>The mean Dice of all classes merged into one structure.</summary>
    public double ForegroundDice => Mean(SegmentationMetric.Dice, null).Value;

    /// <summary>How many cases count towards the mean Dice of each class.</summary>
    public IReadOnlyList<int> ClassCaseCounts => [.. ClassNames.Select((_, index) => Mean(SegmentationMetric.Dice, index).Count)];

    /// <summary>The mean of a metric of one structure over the cases.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="index">0 for class 1 and so on; null for all classes merged into one.</param>
    public MetricMean Mean(SegmentationMetric metric, int? index) => MetricMean.Of(Cases.Select(scores => scores.Value(metric, index, Empty)));

    /// <summary>The mean of a metric's class means; NaN when there are none.</summary>
    public double MeanOfClasses(SegmentationMetric metric) => ScoreMean.Of(ClassNames.Select((_, index) => Mean(metric, index).Value));

    /// <summary>The mean of a metric over the classes of one case; infinite distances stay out of it.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="caseIndex">Which of <see cref="Cases"/>.</param>
    public MetricMean MeanOfCase(SegmentationMetric metric, int caseIndex) =>
        MetricMean.Of(ClassNames.Select((_, index) => Cases[caseIndex].Value(metric, index, Empty)));
}
