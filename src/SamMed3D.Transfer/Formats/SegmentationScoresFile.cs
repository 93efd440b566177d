using System.Globalization;
using System.Text;

namespace SamMed3D.Transfer;

/// <summary>
/// Writes a table of scores as CSV (one row per case and class, for a data frame) or JSON (nested by case). What is undefined or was not
/// measured is an empty cell, or null; the distance to a structure that is not there is "inf" and stays out of the means, which say how
/// many there were.
/// </summary>
public static class SegmentationScoresFile
{
    /// <summary>The name under which all classes merged into one are listed, and of the rows with means.</summary>
    internal const string Foreground = "foreground", Mean = "mean";

    /// <summary>The columns that follow the counts and the guess.</summary>
    internal static readonly (SegmentationMetric Metric, string Name)[] MoreMetrics =
    [
        (SegmentationMetric.IntersectionOverUnion, "iou"), (SegmentationMetric.Sensitivity, "sensitivity"), (SegmentationMetric.Precision, "precision"),
        (SegmentationMetric.SurfaceDice, "nsd"), (SegmentationMetric.Hausdorff95, "hd95_mm"), (SegmentationMetric.Hausdorff, "hd_mm"),
        (SegmentationMetric.MeanSurfaceDistance, "assd_mm"),
    ];

    /// <summary>
    /// Writes CSV: case, class, dice, true_positives, false_positives, false_negatives, position_guess_dice, iou, sensitivity, precision, nsd,
    /// hd95_mm, hd_mm, assd_mm, nsd_tolerance_mm, truth_mm3, prediction_mm3, infinite_distances; the last rows are the means over cases.
    /// </summary>
    public static void SaveCsv(string path, SegmentationScores scores, SegmentationScores? positionGuess = null) => AtomicFile.WriteText(path, ToCsv(scores, positionGuess));

    /// <summary>Writes JSON: the means, then the cases.</summary>
    public static void SaveJson(string path, SegmentationScores scores, SegmentationScores? positionGuess = null, IReadOnlyList<string>? withoutPrediction = null) =>
        AtomicFile.WriteText(path, ToJson(scores, positionGuess, withoutPrediction));

    /// <summary>The text of the CSV file.</summary>
    /// <param name="scores">The scores.</param>
    /// <param name="positionGuess">What a guess by position alone scores on the same cases; null leaves its column empty.</param>
    /// <exception cref="ArgumentException">The guess is of other cases or classes.</exception>
    public static string ToCsv(SegmentationScores scores, SegmentationScores? positionGuess = null)
    {
        ArgumentNullException.ThrowIfNull(scores);
        RequireSameCases(scores, positionGuess);
        var text = new StringBuilder("case,class,dice,true_positives,false_positives,false_negatives,position_guess_dice,"
            + $"{string.Join(',', MoreMetrics.Select(metric => metric.Name))},nsd_tolerance_mm,truth_mm3,prediction_mm3,infinite_distances\n");
        for (int index = 0; index < scores.Cases.Count; index++)
            for (int row = 0; row <= scores.ClassNames.Count; row++)
                CaseRow(text, scores, positionGuess, index, row < scores.ClassNames.Count ? row : null);
        for (int row = 0; row <= scores.ClassNames.Count; row++)
            MeanRow(text, scores, positionGuess, row < scores.ClassNames.Count ? row : null);
        Row(text, Mean, Mean, scores.MeanDice, ",,", positionGuess?.MeanDice ?? double.NaN,
            [.. MoreMetrics.Select(metric => scores.MeanOfClasses(metric.Metric))], ",,,");
        return text.ToString();
    }

    /// <summary>The text of the JSON file.</summary>
    /// <param name="scores">The scores.</param>
    /// <param name="positionGuess">What a guess by position alone scores on the same cases; null leaves its fields out.</param>
    /// <param name="withoutPrediction">Cases that are in no mean, since nothing was predicted for them; null leaves the field out.</param>
    /// <exception cref="ArgumentException">The guess is of other cases or classes.</exception>
    public static string ToJson(SegmentationScores scores, SegmentationScores? positionGuess = null, IReadOnlyList<string>? withoutPrediction = null)
    {
        ArgumentNullException.ThrowIfNull(scores);
        RequireSameCases(scores, positionGuess);
        return new SegmentationScoresJson(scores, positionGuess, withoutPrediction).Text();
    }

    /// <summary>Six decimals: a voxel in a million-voxel structure still shows.</summary>
    internal static string Rounded(double value) => value.ToString("0.000000", CultureInfo.InvariantCulture);

    private static void CaseRow(StringBuilder text, SegmentationScores scores, SegmentationScores? guess, int caseIndex, int? index)
    {
        var scored = scores.Cases[caseIndex];
        var overlap = index is { } one ? scored.Classes[one] : scored.Foreground;
        var surface = index is { } same ? scored.Surfaces?[same] : scored.ForegroundSurface;
        double[] more = [.. MoreMetrics.Select(metric => scored.Value(metric.Metric, index, scores.Empty))];
        Row(text, scored.CaseId, NameOf(scores, index), scored.Value(SegmentationMetric.Dice, index, scores.Empty),
            string.Create(CultureInfo.InvariantCulture, $"{overlap.TruePositives},{overlap.FalsePositives},{overlap.FalseNegatives}"),
            guess?.Cases[caseIndex].Value(SegmentationMetric.Dice, index, guess.Empty) ?? double.NaN, more,
            $"{NumberCell(surface?.Tolerance ?? double.NaN)},{NumberCell(overlap.TruthVoxels * scored.VoxelVolume)},{NumberCell(overlap.PredictedVoxels * scored.VoxelVolume)},"
            + (surface is null ? "" : more.Any(double.IsInfinity) ? "1" : "0"));
    }

    private static void MeanRow(StringBuilder text, SegmentationScores scores, SegmentationScores? guess, int? index) => Row(
        text, Mean, NameOf(scores, index), scores.Mean(SegmentationMetric.Dice, index).Value, ",,", guess?.Mean(SegmentationMetric.Dice, index).Value ?? double.NaN,
        [.. MoreMetrics.Select(metric => scores.Mean(metric.Metric, index).Value)],
        string.Create(CultureInfo.InvariantCulture, $",,,{(scores.HasSurfaces ? scores.Mean(SegmentationMetric.Hausdorff, index).InfiniteCount : null)}"));

    private static void Row(
        StringBuilder text, string caseId, string className, double dice, string counts, double guess, double[] more, string rest) =>
        text.Append(CultureInfo.InvariantCulture,
            $"{CsvText.Cell(caseId)},{CsvText.Cell(className)},{NumberCell(dice)},{counts},{NumberCell(guess)},{string.Join(',', more.Select(NumberCell))},{rest}\n");

    private static string NameOf(SegmentationScores scores, int? index) => index is { } one ? scores.ClassNames[one] : Foreground;

    private static void RequireSameCases(SegmentationScores scores, SegmentationScores? guess)
    {
        if (guess is not null && (!guess.Cases.Select(one => one.CaseId).SequenceEqual(scores.Cases.Select(one => one.CaseId))
            || !guess.ClassNames.SequenceEqual(scores.ClassNames)))
            throw new ArgumentException("The guess is not of the same cases and classes in the same order.", nameof(guess));
    }

    private static string NumberCell(double value) => double.IsNaN(value) ? "" : double.IsInfinity(value) ? "inf" : Rounded(value);
}
