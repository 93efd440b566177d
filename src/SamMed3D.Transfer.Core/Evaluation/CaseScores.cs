namespace SamMed3D.Transfer;

/// <summary>How well one predicted label map agrees with its truth.</summary>
/// <param name="CaseId">The case.</param>
/// <param name="Classes">The scores of classes 1, 2, ... or of the regions, in this order; the background has none.</param>
/// <param name="Foreground">The score of all of them merged into one.</param>
public sealed record CaseScores(string CaseId, IReadOnlyList<DiceScore> Classes, DiceScore Foreground)
{
    /// <summary>Volume of a voxel in mm3; NaN where the grid is not known.</summary>
    public double VoxelVolume { get; init; } = double.NaN;

    /// <summary>The surface scores of classes 1, 2, ...; null where they were not asked for.</summary>
    public IReadOnlyList<SurfaceScore>? Surfaces { get; init; }

    /// <summary>The surface score of all classes merged into one; null where it was not asked for.</summary>
    public SurfaceScore? ForegroundSurface { get; init; }

    /// <summary>Mean of the class Dices; classes in neither map are left out, NaN when that leaves none.</summary>
    public double MeanDice => ScoreMean.Of(Classes.Select(score => score.Value));

    /// <summary>Compares two label maps of one grid.</summary>
    /// <param name="caseId">The case.</param>
    /// <param name="truth">[X, Y, Z], integers from 0 to classCount - 1, 0 the background; <see cref="LabelScheme.Ignored"/> where voxels do not count.</param>
    /// <param name="prediction">The same shape, without ignored voxels.</param>
    /// <param name="classCount">Classes with the background.</param>
    /// <exception cref="ArgumentException">The shapes differ, or a label is outside the classes.</exception>
    public static CaseScores Compare(string caseId, Tensor truth, Tensor prediction, int classCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 2);
        return Compare(caseId, truth, prediction, LabelScheme.Numbered(classCount));
    }

    /// <summary>Compares two label maps of one grid, class by class or region by region.</summary>
    /// <param name="caseId">The case.</param>
    /// <param name="truth">[X, Y, Z], values of the scheme; <see cref="LabelScheme.Ignored"/> where voxels do not count.</param>
    /// <param name="prediction">The same shape, without ignored voxels.</param>
    /// <param name="scheme">What the values mean.</param>
    /// <exception cref="ArgumentException">The shapes differ, or a label is above those of the scheme.</exception>
    public static CaseScores Compare(string caseId, Tensor truth, Tensor prediction, LabelScheme scheme)
    {
        ArgumentException.ThrowIfNullOrEmpty(caseId);
        ArgumentNullException.ThrowIfNull(truth);
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(scheme);
        if (!truth.shape.SequenceEqual(prediction.shape))
            throw new ArgumentException(
                $"Case {caseId}: the truth is [{string.Join(", ", truth.shape)}], the prediction [{string.Join(", ", prediction.shape)}]; "
                + "bring the prediction back to the grid of the truth.");
        RequireLabels(caseId, "truth", truth, scheme.ValueCount, LabelScheme.Ignored);
        RequireLabels(caseId, "prediction", prediction, scheme.ValueCount, 0);
        return Of(caseId, Confusion(truth, prediction, scheme.ValueCount), scheme);
    }

    private static CaseScores Of(string caseId, long[,] counts, LabelScheme scheme) =>
        new(caseId, [.. scheme.Structures.Select(structure => Score(counts, structure.Values))],
            Score(counts, [.. scheme.Structures.SelectMany(structure => structure.Values).Distinct()]));

    /// <summary>Compares two label maps of one grid, with volumes and, where asked, surfaces.</summary>
    /// <param name="caseId">The case.</param>
    /// <param name="truth">Labels from 0 to the number of names, 0 the background; <see cref="LabelScheme.Ignored"/> where voxels do not count.</param>
    /// <param name="prediction">Labels on the same grid.</param>
    /// <param name="classNames">Names of classes 1, 2, ....</param>
    /// <param name="surfaces">How to compare surfaces; null does without.</param>
    /// <exception cref="ArgumentException">The shapes differ, a label is outside the classes, or the options make no sense.</exception>
    public static CaseScores Compare(
        string caseId, LabelVolume truth, LabelVolume prediction, IReadOnlyList<string> classNames, SurfaceOptions? surfaces = null) =>
        Compare(caseId, truth, prediction, LabelScheme.Classes(classNames), surfaces);

    /// <summary>Compares two label maps of one grid, class by class or region by region, with volumes and, where asked, surfaces.</summary>
    /// <param name="caseId">The case.</param>
    /// <param name="truth">Values of the scheme; <see cref="LabelScheme.Ignored"/> where voxels do not count: there neither map has a structure.</param>
    /// <param name="prediction">Labels on the same grid.</param>
    /// <param name="scheme">What the values mean.</param>
    /// <param name="surfaces">How to compare surfaces; null does without.</param>
    /// <exception cref="ArgumentException">The shapes differ, a label is above those of the scheme, or the options make no sense.</exception>
    public static CaseScores Compare(string caseId, LabelVolume truth, LabelVolume prediction, LabelScheme scheme, SurfaceOptions? surfaces = null)
    {
        ArgumentNullException.ThrowIfNull(truth);
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(scheme);
        surfaces?.Validated();
        var spacing = truth.Geometry.Spacing;
        var scores = (Confusion(truth, prediction, scheme.ValueCount) is { } counts
            ? Of(caseId, counts, scheme)
            : Compare(caseId, truth.Values, prediction.Values, scheme)) // Which says what is wrong.
            with { VoxelVolume = spacing.X * spacing.Y * spacing.Z };
        if (surfaces is null)
            return scores;
        var (classes, foreground) = SurfaceScoring.Measure(truth.Voxels(), prediction.Voxels(), truth.Geometry, scheme, surfaces);
        return scores with { Surfaces = classes, ForegroundSurface = foreground };
    }

    /// <summary>A metric of one structure.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="index">0 for class 1 and so on; null for all classes merged into one.</param>
    /// <param name="empty">What becomes of a structure that is in neither map.</param>
    /// <returns>NaN where it is undefined or was not measured; infinite for the distance to a structure that is not there.</returns>
    public double Value(SegmentationMetric metric, int? index, EmptyStructures empty = EmptyStructures.LeftOut)
    {
        var overlap = index is { } one ? Classes[one] : Foreground;
        var surface = index is { } same ? Surfaces?[same] : ForegroundSurface;
        bool isAgreement = overlap.IsEmpty && empty == EmptyStructures.Agree;
        return metric switch
        {
            SegmentationMetric.Dice => isAgreement ? 1 : overlap.Value,
            SegmentationMetric.IntersectionOverUnion => isAgreement ? 1 : overlap.IntersectionOverUnion,
            SegmentationMetric.Sensitivity => overlap.Sensitivity,
            SegmentationMetric.Precision => overlap.Precision,
            _ when surface is null => double.NaN,
            SegmentationMetric.SurfaceDice => isAgreement ? 1 : surface.Value.SurfaceDice,
            SegmentationMetric.Hausdorff95 => isAgreement ? 0 : surface.Value.Hausdorff95,
            SegmentationMetric.Hausdorff => isAgreement ? 0 : surface.Value.Hausdorff,
            SegmentationMetric.MeanSurfaceDistance => isAgreement ? 0 : surface.Value.MeanDistance,
            _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, "There is no such metric."),
        };
    }

    /// <summary>The score of some labels, taken as one structure.</summary>
    private static DiceScore Score(long[,] counts, IReadOnlyList<int> values)
    {
        int valueCount = counts.GetLength(0);
        bool[] isMember = new bool[valueCount];
        foreach (int value in values)
            isMember[value] = true;
        long both = 0, predictedOnly = 0, trueOnly = 0;
        for (int t = 0; t < valueCount; t++)
            for (int p = 0; p < valueCount; p++)
            {
                both += isMember[t] && isMember[p] ? counts[t, p] : 0;
                predictedOnly += !isMember[t] && isMember[p] ? counts[t, p] : 0;
                trueOnly += isMember[t] && !isMember[p] ? counts[t, p] : 0;
            }

        return new DiceScore(both, predictedOnly, trueOnly);
    }

    /// <returns>Voxels by true and predicted label.</returns>
    private static long[,] Confusion(Tensor truth, Tensor prediction, int classCount)
    {
        using var scope = NewDisposeScope();
        var pairs = truth.to(ScalarType.Int64) * classCount + prediction.to(ScalarType.Int64, truth.device);
        // A copy is made only where there are voxels that do not count.
        var known = truth >= 0;
        long[] flat = (known.all().item<bool>() ? pairs : pairs.masked_select(known)).flatten().bincount(null, (long)classCount * classCount).cpu().data<long>().ToArray();
        var counts = new long[classCount, classCount];
        for (int i = 0; i < flat.Length; i++)
            counts[i / classCount, i % classCount] = flat[i];
        return counts;
    }

    /// <summary>In one pass over the voxels; null when the grids differ or a label is no class.</summary>
    private static long[,]? Confusion(LabelVolume truth, LabelVolume prediction, int classCount)
    {
        ReadOnlySpan<int> actual = truth.Voxels(), predicted = prediction.Voxels();
        if (truth.Geometry.Size != prediction.Geometry.Size)
            return null;
        var counts = new long[classCount, classCount];
        for (var voxel = 0; voxel < actual.Length; voxel++)
        {
            int t = actual[voxel], p = predicted[voxel];
            if (t == LabelScheme.Ignored && (uint)p < (uint)classCount)
                continue;
            if ((uint)t >= (uint)classCount || (uint)p >= (uint)classCount)
                return null;
            counts[t, p]++;
        }

        return counts;
    }

    private static void RequireLabels(string caseId, string what, Tensor labels, int classCount, int least)
    {
        if (labels.is_floating_point())
            throw new ArgumentException($"Case {caseId}: the {what} is {labels.dtype}; labels are integers.");
        if (labels.numel() == 0)
            throw new ArgumentException($"Case {caseId}: the {what} has no voxels.");
        using var scope = NewDisposeScope();
        long lowest = labels.min().to(ScalarType.Int64).item<long>(), highest = labels.max().to(ScalarType.Int64).item<long>();
        if (lowest < least || highest >= classCount)
            throw new ArgumentException(
                $"Case {caseId}: the {what} has labels {lowest} to {highest}; with {classCount} classes they are 0 to {classCount - 1}.");
    }
}
