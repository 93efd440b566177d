using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>Overlaps, volumes and surface distances of the mask pairs in metrics.json.</summary>
internal static class MaskPairQuantities
{
    /// <summary>Of overlaps and areas, in relation to their size.</summary>
    private const double Relative = 1e-6;

    /// <summary>Of distances, in mm.</summary>
    private const double Distance = 1e-4;

    private static readonly double[] Tolerances = [0.5, 1, 2];

    private static readonly string[] FileKeys = ["truth_file", "pred_file"];

    public static IEnumerable<ParityQuantity> Of(string folder, JsonElement description)
    {
        var stored = SafetensorsFile.ReadAll(Path.Combine(folder, "pairs.safetensors"));
        try
        {
            foreach (var pair in description.GetProperty("pairs").EnumerateArray())
            {
                string name = pair.GetProperty("name").GetString()!;
                Tensor truth = stored[$"{name}.truth"], prediction = stored[$"{name}.pred"];
                var spacing = MetricsParity.Three(pair.GetProperty("spacing_mm"));
                using var trueLabels = new LabelVolume(truth.to(ScalarType.Int32).contiguous(), Geometry.Create(MetricsParity.SizeOf(truth), spacing));
                using var predictedLabels = new LabelVolume(prediction.to(ScalarType.Int32).contiguous(), trueLabels.Geometry);
                foreach (var quantity in Compare(name, pair, trueLabels, predictedLabels))
                    yield return quantity;
            }
        }
        finally
        {
            foreach (var tensor in stored.Values)
                tensor.Dispose();
        }

        foreach (var pair in description.GetProperty("real").EnumerateArray())
        {
            string name = pair.GetProperty("name").GetString()!;
            string[] files = [.. FileKeys.Select(key => Path.Combine(folder, pair.GetProperty(key).GetString()!))];
            if (Array.Find(files, file => !File.Exists(file)) is { } missing)
            {
                yield return ParityQuantity.Skipped(name, $"{missing} is not here");
                continue;
            }

            // The stored spacing has six digits; the headers have more.
            var spacing = MetricsParity.Three(pair.GetProperty("spacing_mm"));
            using LabelVolume truth = At(files[0], spacing), prediction = At(files[1], spacing);
            foreach (var quantity in Compare(name, pair, truth, prediction))
                yield return quantity;
        }
    }

    private static LabelVolume At(string file, Double3 spacing)
    {
        using var labels = LabelVolume.Open(file);
        return new LabelVolume(labels.Values.clone(), Geometry.Create(labels.Geometry.Size, spacing));
    }

    private static List<ParityQuantity> Compare(string name, JsonElement expected, LabelVolume truth, LabelVolume prediction)
    {
        List<ParityQuantity> found = [];
        var scores = CaseScores.Compare(name, truth, prediction, ["mask"], new SurfaceOptions());
        var overlap = scores.Classes[0];
        Exactly("tp", overlap.TruePositives);
        Exactly("fp", overlap.FalsePositives);
        Exactly("fn", overlap.FalseNegatives);
        Share("dice", overlap.Value);
        Share("iou", overlap.IntersectionOverUnion);
        Share("sensitivity", overlap.Sensitivity);
        Share("precision", overlap.Precision);
        Share("truth_mm3", overlap.TruthVoxels * scores.VoxelVolume);
        Share("pred_mm3", overlap.PredictedVoxels * scores.VoxelVolume);
        bool[] trueMask = MetricsParity.Mask(truth.Values), predictedMask = MetricsParity.Mask(prediction.Values);
        foreach (var convention in Enum.GetValues<SurfaceConvention>())
            found.AddRange(Surfaces(name, expected, convention,
                SurfaceDistances.Between(trueMask, predictedMask, truth.Geometry.Size, truth.Geometry.Spacing, convention)));
        if (expected.TryGetProperty("suggested", out var suggested))
            foreach (var (key, metric) in new[]
            {
                ("dice", SegmentationMetric.Dice), ("iou", SegmentationMetric.IntersectionOverUnion), ("nsd", SegmentationMetric.SurfaceDice),
                ("hd", SegmentationMetric.Hausdorff), ("hd", SegmentationMetric.Hausdorff95), ("assd", SegmentationMetric.MeanSurfaceDistance),
            })
                found.Add(new($"{name} suggested {metric}", MetricsParity.Difference(
                    scores.Value(metric, 0, EmptyStructures.Agree), MetricsParity.Number(suggested.GetProperty(key))), 0));
        return found;

        void Exactly(string key, long mine) => found.Add(new($"{name} {key}", Math.Abs(mine - expected.GetProperty(key).GetInt64()), 0));
        void Share(string key, double mine) => found.Add(InRelation($"{name} {key}", mine, MetricsParity.Number(expected.GetProperty(key))));
    }

    private static List<ParityQuantity> Surfaces(string name, JsonElement pair, SurfaceConvention convention, SurfaceDistances mine)
    {
        List<ParityQuantity> found = [];
        bool byArea = convention == SurfaceConvention.AreaWeighted;
        var expected = pair.GetProperty(byArea ? "surface" : "voxel_border");
        string at = $"{name} {convention}";
        string elements = byArea ? "surface_elements" : "border_voxels";
        found.Add(new($"{at} elements", Math.Abs(mine.TruthElements - expected.GetProperty($"{elements}_truth").GetInt64())
            + Math.Abs(mine.PredictionElements - expected.GetProperty($"{elements}_pred").GetInt64()), 0));
        if (byArea)
        {
            Share("area_truth_mm2", mine.TruthArea);
            Share("area_pred_mm2", mine.PredictionArea);
        }

        foreach (double tolerance in Tolerances)
        {
            string limit = FormattableString.Invariant($"{tolerance}mm").Replace('.', 'p');
            Share(byArea ? $"nsd_{limit}" : $"nsd_voxel_{limit}", mine.SurfaceDice(tolerance));
            Share($"overlap_truth_{limit}", mine.TruthOverlap(tolerance));
            Share($"overlap_pred_{limit}", mine.PredictionOverlap(tolerance));
        }

        Length("asd_truth_to_pred", mine.MeanTruthToPrediction);
        Length("asd_pred_to_truth", mine.MeanPredictionToTruth);
        Length(byArea ? "assd_area_weighted" : "assd", mine.Mean);
        // Of two empty masks that library gives infinity where all else is NaN; here it is NaN as well.
        bool areBothEmpty = mine.TruthElements + mine.PredictionElements == 0;
        Length("hd", areBothEmpty && byArea ? double.PositiveInfinity : mine.Hausdorff);
        Length("hd95", areBothEmpty && byArea ? double.PositiveInfinity : mine.Hausdorff95);
        return found;

        void Share(string key, double value)
        {
            if (expected.TryGetProperty(key, out var stored))
                found.Add(InRelation($"{at} {key}", value, MetricsParity.Number(stored)));
        }

        void Length(string key, double value) =>
            found.Add(new($"{at} {key}", MetricsParity.Difference(value, MetricsParity.Number(expected.GetProperty(key))), Distance));
    }

    private static ParityQuantity InRelation(string quantity, double mine, double expected) =>
        new(quantity, MetricsParity.Difference(mine, expected) / (expected == 0 || !double.IsFinite(expected) ? 1 : Math.Abs(expected)), Relative);
}
