using System.Text;
using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>The JSON form of a table of scores: the means, the classes, the cases.</summary>
internal sealed class SegmentationScoresJson(SegmentationScores scores, SegmentationScores? positionGuess, IReadOnlyList<string>? withoutPrediction)
{
    private static readonly JsonWriterOptions Layout = new() { Indented = true };

    public string Text()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Layout))
            Write(json);
        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        Number(json, "mean_dice", scores.MeanDice);
        Guess(json, "position_guess_mean_dice", positionGuess?.MeanDice);
        Number(json, "foreground_dice", scores.ForegroundDice);
        Guess(json, "position_guess_foreground_dice", positionGuess?.ForegroundDice);
        json.WriteString("absent_structures", scores.Empty == EmptyStructures.Agree ? "agree" : "left out");
        if (withoutPrediction is not null)
        {
            json.WriteStartArray("cases_without_prediction");
            foreach (string id in withoutPrediction)
                json.WriteStringValue(id);
            json.WriteEndArray();
        }

        if (scores.SurfaceOptions is { } surfaces)
            json.WriteString("surface", surfaces.Convention == SurfaceConvention.AreaWeighted ? "voxel corners, weighted by area" : "border voxels");
        Means(json, "mean", metric => new MetricMean(scores.MeanOfClasses(metric), scores.ClassNames.Count, 0), isOfClasses: true);
        Means(json, SegmentationScoresFile.Foreground, metric => scores.Mean(metric, null), isOfClasses: false);
        json.WriteStartArray("classes");
        for (int i = 0; i < scores.ClassNames.Count; i++)
        {
            int index = i;
            json.WriteStartObject();
            json.WriteString("name", scores.ClassNames[i]);
            Number(json, "mean_dice", scores.ClassMeans[i]);
            Guess(json, "position_guess_mean_dice", positionGuess?.ClassMeans[i]);
            json.WriteNumber("cases_counted", scores.ClassCaseCounts[i]);
            Means(json, "mean", metric => scores.Mean(metric, index), isOfClasses: false);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("cases");
        for (int index = 0; index < scores.Cases.Count; index++)
            Case(json, index);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void Case(Utf8JsonWriter json, int index)
    {
        json.WriteStartObject();
        json.WriteString("case", scores.Cases[index].CaseId);
        Number(json, "mean_dice", scores.MeanOfCase(SegmentationMetric.Dice, index).Value);
        Guess(json, "position_guess_mean_dice", positionGuess?.MeanOfCase(SegmentationMetric.Dice, index).Value);
        Structure(json, SegmentationScoresFile.Foreground, index, null);
        json.WriteStartObject("classes");
        for (int i = 0; i < scores.ClassNames.Count; i++)
            Structure(json, scores.ClassNames[i], index, i);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void Structure(Utf8JsonWriter json, string name, int caseIndex, int? index)
    {
        var scored = scores.Cases[caseIndex];
        var overlap = index is { } one ? scored.Classes[one] : scored.Foreground;
        var surface = index is { } same ? scored.Surfaces?[same] : scored.ForegroundSurface;
        json.WriteStartObject(name);
        Number(json, "dice", scored.Value(SegmentationMetric.Dice, index, scores.Empty));
        Guess(json, "position_guess_dice", positionGuess?.Cases[caseIndex].Value(SegmentationMetric.Dice, index, positionGuess.Empty));
        json.WriteNumber("true_positives", overlap.TruePositives);
        json.WriteNumber("false_positives", overlap.FalsePositives);
        json.WriteNumber("false_negatives", overlap.FalseNegatives);
        foreach (var (metric, key) in SegmentationScoresFile.MoreMetrics)
            if (surface is not null || !IsOfSurface(metric))
                Number(json, key, scored.Value(metric, index, scores.Empty));
        if (surface is { } known)
            Number(json, "nsd_tolerance_mm", known.Tolerance);
        if (!double.IsNaN(scored.VoxelVolume))
        {
            Number(json, "truth_mm3", overlap.TruthVoxels * scored.VoxelVolume);
            Number(json, "prediction_mm3", overlap.PredictedVoxels * scored.VoxelVolume);
        }

        json.WriteEndObject();
    }

    private void Means(Utf8JsonWriter json, string name, Func<SegmentationMetric, MetricMean> of, bool isOfClasses)
    {
        json.WriteStartObject(name);
        foreach (var (metric, key) in SegmentationScoresFile.MoreMetrics.Prepend((SegmentationMetric.Dice, "dice")))
        {
            if (IsOfSurface(metric) && !scores.HasSurfaces)
                continue;
            var mean = of(metric);
            Number(json, key, mean.Value);
            if (metric == SegmentationMetric.Hausdorff && !isOfClasses)
                json.WriteNumber("infinite_distances", mean.InfiniteCount);
        }

        json.WriteEndObject();
    }

    private static bool IsOfSurface(SegmentationMetric metric) => metric is
        SegmentationMetric.SurfaceDice or SegmentationMetric.Hausdorff95 or SegmentationMetric.Hausdorff or SegmentationMetric.MeanSurfaceDistance;

    private static void Guess(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
            Number(json, name, number);
    }

    /// <summary>JSON knows no infinity: it is a text.</summary>
    private static void Number(Utf8JsonWriter json, string name, double value)
    {
        json.WritePropertyName(name);
        if (double.IsNaN(value))
            json.WriteNullValue();
        else if (double.IsInfinity(value))
            json.WriteStringValue("inf");
        else
            json.WriteRawValue(SegmentationScoresFile.Rounded(value));
    }
}
