using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>The cleaning of the label maps in cleaning.json: every verdict, and the cleaned maps voxel by voxel.</summary>
internal static class CleaningQuantities
{
    private const double Relative = 1e-6;

    public static IEnumerable<ParityQuantity> Of(string folder, JsonElement description)
    {
        var rules = description.GetProperty("rules");
        var options = new CleaningOptions
        {
            MinimumVolume = rules.GetProperty("min_volume_mm3").GetDouble(),
            MinimumSide = rules.GetProperty("min_side_mm").GetDouble(),
            MaximumBackground = rules.GetProperty("max_background_fraction").GetDouble(),
            LargestComponents = rules.GetProperty("keep_components").GetInt32(),
            Connectivity = (Connectivity)rules.GetProperty("connectivity").GetInt32(),
            SymmetricOrgans = [],
        };
        return description.GetProperty("synthetic").EnumerateArray().SelectMany(entry => Synthetic(folder, entry, options))
            .Concat(description.GetProperty("real").EnumerateArray().SelectMany(entry => Real(folder, entry, options)));
    }

    private static IEnumerable<ParityQuantity> Synthetic(string folder, JsonElement entry, CleaningOptions options)
    {
        string name = entry.GetProperty("name").GetString()!;
        var classes = entry.GetProperty("classes");
        options = options with
        {
            SymmetricOrgans = [.. classes.EnumerateArray().Where(one => one.GetProperty("symmetric").GetBoolean()).Select(one => Text(one, "class_name"))],
            Midline = entry.TryGetProperty("midline_x", out var midline) ? midline.GetDouble() : null,
        };
        using var labels = LabelVolume.Open(Path.Combine(folder, Text(entry, "file")));
        var cleaning = LabelCleaning.Decide(labels, Names(classes, "class_name"), options);
        foreach (var quantity in Verdicts(name, classes, cleaning.Decisions))
            yield return quantity;
        foreach (var one in classes.EnumerateArray().Where(one => one.TryGetProperty("left_voxels", out _)))
        {
            var decision = cleaning.Decisions.Single(decision => decision.Value == one.GetProperty("value").GetInt32());
            var cut = LabelCleaning.Decide(labels, Names(classes, "class_name"), options with { SideRule = SideRule.ByVoxel }).Decisions
                .Single(other => other.Value == decision.Value);
            yield return new($"{name} midline", MetricsParity.Difference(decision.Midline ?? double.NaN, one.GetProperty("midline_x").GetDouble()), 1e-4);
            yield return Exactly($"{name} left", decision.LeftVoxelCount, one, "left_voxels");
            yield return Exactly($"{name} right", decision.RightVoxelCount, one, "right_voxels");
            yield return Exactly($"{name} left of the plane", cut.LeftVoxelCount, one, "left_voxels_if_cut_by_plane");
            yield return Exactly($"{name} right of the plane", cut.RightVoxelCount, one, "right_voxels_if_cut_by_plane");
        }

        using var cleaned = cleaning.Paint(cleaning.Masks.Select((mask, index) => (mask, index)).ToDictionary(pair => pair.mask, pair => pair.index + 1));
        using var expected = LabelVolume.Open(Path.Combine(folder, Text(entry, "output_file")));
        yield return new($"{name} cleaned", ParityTensors.LargestDifference(cleaned.Values, expected.Values), 0);
    }

    private static IEnumerable<ParityQuantity> Real(string folder, JsonElement entry, CleaningOptions options)
    {
        string file = Text(entry, "file"), path = GoldenInput.Locate(folder, file);
        if (!File.Exists(path))
            return [ParityQuantity.Skipped(file, $"{path} is not here")];
        using var labels = LabelVolume.Open(path);
        var classes = entry.GetProperty("classes");
        return [.. Verdicts(file, classes, LabelCleaning.Decide(labels, Names(classes, "name"), options).Decisions)];
    }

    private static IEnumerable<ParityQuantity> Verdicts(string name, JsonElement classes, IReadOnlyList<MaskDecision> decisions)
    {
        foreach (var (expected, mine) in classes.EnumerateArray().Zip(decisions))
        {
            string at = $"{name} {mine.ClassName}";
            string wanted = Text(expected, "verdict") == "keep" ? "kept" : $"step {expected.GetProperty("step").GetInt32()}: {Text(expected, "reason")}";
            string got = mine.IsKept ? "kept" : $"step {mine.DroppedBy}: {mine.Reason}";
            yield return new($"{at} verdict", wanted == got ? 0 : double.PositiveInfinity, 0, wanted == got ? null : $"expected '{wanted}', got '{got}'");
            yield return Near($"{at} volume", mine.Volume, expected.GetProperty("volume_mm3").GetDouble());
            if (expected.TryGetProperty("side_mm", out var sides))
                for (var axis = 0; axis < 3; axis++)
                    yield return Near($"{at} side {axis}", mine.Sides[axis], sides[axis].GetDouble());
            if (expected.TryGetProperty("background_fraction", out var background))
                yield return Near($"{at} background", mine.BackgroundFraction, background.GetDouble());
            if (expected.TryGetProperty("components", out _))
                yield return Exactly($"{at} components", mine.ComponentSizes.Count, expected, "components");
            if (expected.TryGetProperty("component_sizes", out var sizes))
                yield return new($"{at} component sizes",
                    mine.ComponentSizes.SequenceEqual(sizes.EnumerateArray().Select(size => size.GetInt64())) ? 0 : double.PositiveInfinity, 0);
            if (expected.TryGetProperty("voxels_after_step3", out _))
                yield return Exactly($"{at} voxels after step 3", mine.KeptVoxelCount, expected, "voxels_after_step3");
        }
    }

    private static Dictionary<int, string> Names(JsonElement classes, string key) =>
        classes.EnumerateArray().ToDictionary(one => one.GetProperty("value").GetInt32(), one => Text(one, key));

    private static string Text(JsonElement element, string key) => element.GetProperty(key).GetString()!;

    private static ParityQuantity Near(string name, double mine, double expected) =>
        new(name, MetricsParity.Difference(mine, expected) / Math.Max(Math.Abs(expected), 1), Relative);

    private static ParityQuantity Exactly(string name, long? mine, JsonElement expected, string key) =>
        new(name, mine is { } count ? Math.Abs(count - expected.GetProperty(key).GetInt64()) : double.PositiveInfinity, 0);
}
