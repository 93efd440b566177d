namespace SamMed3D.Transfer;

/// <summary>How well one predicted label map agrees with its truth.</summary>
/// <param name="CaseId">The case.</param>
/// <param name="Classes">The scores of classes 1, 2, ... in this order; the background has none.</param>
/// <param name="Foreground">The score of all classes but the background merged into one.</param>
public sealed record CaseScores(string CaseId, IReadOnlyList<DiceScore> Classes, DiceScore Foreground)
{
    /// <summary>Mean of the class Dices; classes in neither map are left out, NaN when that leaves none.</summary>
    public double MeanDice => ScoreMean.Of(Classes.Select(score => score.Value));

    /// <summary>Compares two label maps of one grid.</summary>
    /// <param name="caseId">The case.</param>
    /// <param name="truth">[X, Y, Z], integers from 0 to classCount - 1, 0 the background.</param>
    /// <param name="prediction">The same shape.</param>
    /// <param name="classCount">Classes with the background.</param>
    /// <exception cref="ArgumentException">The shapes differ, or a label is outside the classes.</exception>
    public static CaseScores Compare(string caseId, Tensor truth, Tensor prediction, int classCount)
    {
        ArgumentException.ThrowIfNullOrEmpty(caseId);
        ArgumentNullException.ThrowIfNull(truth);
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 2);
        if (!truth.shape.SequenceEqual(prediction.shape))
            throw new ArgumentException(
                $"Case {caseId}: the truth is [{string.Join(", ", truth.shape)}], the prediction [{string.Join(", ", prediction.shape)}]; "
                + "bring the prediction back to the grid of the truth.");
        RequireLabels(caseId, "truth", truth, classCount);
        RequireLabels(caseId, "prediction", prediction, classCount);

        long[,] counts = Confusion(truth, prediction, classCount);
        DiceScore[] classes = [.. Enumerable.Range(1, classCount - 1).Select(label => Score(counts, classCount, label, label))];
        return new CaseScores(caseId, classes, Score(counts, classCount, 1, classCount - 1));
    }

    /// <summary>The score of the labels from first to last, taken as one structure.</summary>
    private static DiceScore Score(long[,] counts, int classCount, int first, int last)
    {
        long both = 0, predictedOnly = 0, trueOnly = 0;
        for (int t = 0; t < classCount; t++)
            for (int p = 0; p < classCount; p++)
            {
                bool isTrue = t >= first && t <= last, isPredicted = p >= first && p <= last;
                both += isTrue && isPredicted ? counts[t, p] : 0;
                predictedOnly += !isTrue && isPredicted ? counts[t, p] : 0;
                trueOnly += isTrue && !isPredicted ? counts[t, p] : 0;
            }

        return new DiceScore(both, predictedOnly, trueOnly);
    }

    /// <returns>Voxels by true and predicted label.</returns>
    private static long[,] Confusion(Tensor truth, Tensor prediction, int classCount)
    {
        using var scope = NewDisposeScope();
        var pairs = truth.to(ScalarType.Int64) * classCount + prediction.to(ScalarType.Int64, truth.device);
        long[] flat = pairs.flatten().bincount(null, (long)classCount * classCount).cpu().data<long>().ToArray();
        var counts = new long[classCount, classCount];
        for (int i = 0; i < flat.Length; i++)
            counts[i / classCount, i % classCount] = flat[i];
        return counts;
    }

    private static void RequireLabels(string caseId, string what, Tensor labels, int classCount)
    {
        if (labels.is_floating_point())
            throw new ArgumentException($"Case {caseId}: the {what} is {labels.dtype}; labels are integers.");
        if (labels.numel() == 0)
            throw new ArgumentException($"Case {caseId}: the {what} has no voxels.");
        using var scope = NewDisposeScope();
        long lowest = labels.min().to(ScalarType.Int64).item<long>(), highest = labels.max().to(ScalarType.Int64).item<long>();
        if (lowest < 0 || highest >= classCount)
            throw new ArgumentException(
                $"Case {caseId}: the {what} has labels {lowest} to {highest}; with {classCount} classes they are 0 to {classCount - 1}.");
    }
}
