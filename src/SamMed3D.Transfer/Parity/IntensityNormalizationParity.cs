using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>Golden case <c>preprocess/ct_norm</c>: nnU-Net's intensity statistics and normalisations.</summary>
public sealed class IntensityNormalizationParity : ParityCheck
{
    private const double StatisticsTolerance = 1e-6;

    /// <inheritdoc/>
    public override bool Recognises(string folder, JsonElement description) =>
        description.ValueKind == JsonValueKind.Object && description.TryGetProperty("dataset", out JsonElement dataset)
        && dataset.ValueKind == JsonValueKind.Object && dataset.TryGetProperty("percentile_00_5", out _);

    /// <inheritdoc/>
    public override IEnumerable<ParityQuantity> Run(string folder, JsonElement description, ParityOptions options)
    {
        try
        {
            using var scope = NewDisposeScope();
            var quantities = new PreprocessQuantities("ct_norm");
            Compute(folder, description, quantities);
            return quantities.All;
        }
#pragma warning disable CA1031 // Whatever went wrong is the result of the check.
        catch (Exception problem)
#pragma warning restore CA1031
        {
            return [new("ct_norm", double.PositiveInfinity, 0, $"{problem.GetType().Name}: {problem.Message}")];
        }
    }

    private static void Compute(string folder, JsonElement description, PreprocessQuantities quantities)
    {
        IReadOnlyDictionary<string, Tensor> stored = SafetensorsFile.ReadAll(Path.Combine(folder, description.GetProperty("tensors").GetString()!));
        List<float[]> foregrounds = [];
        foreach ((JsonElement file, JsonElement expected) in
            description.GetProperty("files").EnumerateArray().Zip(description.GetProperty("cases").EnumerateArray()))
        {
            using Volume image = VolumeFile.Open(Path.Combine(folder, file.GetProperty("image").GetString()!));
            using LabelVolume label = LabelVolumeFile.Open(Path.Combine(folder, file.GetProperty("label").GetString()!));
            float[] foreground = IntensityStatistics.Foreground(image, label);
            Compare($"case{foregrounds.Count}", IntensityStatistics.Of(foreground), expected, quantities);
            foregrounds.Add(foreground);
        }
        IntensityStatistics dataset = IntensityStatistics.Of(foregrounds.SelectMany(foreground => foreground));
        Compare("dataset", dataset, description.GetProperty("dataset"), quantities);

        int number = 0;
        foreach (JsonElement file in description.GetProperty("files").EnumerateArray())
        {
            string name = $"case{number++}";
            using Volume image = VolumeFile.Open(Path.Combine(folder, file.GetProperty("image").GetString()!));
            using var mask = new LabelVolume(stored[$"{name}_mask"].to(ScalarType.Int32), image.Geometry);
            Normalise($"{name}_ct", IntensityNormalization.ClipAndZScore(image, dataset));
            Normalise($"{name}_zscore", IntensityNormalization.ZScore(image));
            Normalise($"{name}_zscore_masked", IntensityNormalization.ZScore(image, mask));
            Normalise($"{name}_rescale01", IntensityNormalization.Rescale01(image));
        }
        Tensor constant = stored["constant_in"];
        var size = new Size3((int)constant.shape[0], (int)constant.shape[1], (int)constant.shape[2]);
        using var flat = new Volume(constant.unsqueeze(0).contiguous(), Geometry.Create(size, 1));
        Normalise("constant_zscore", IntensityNormalization.ZScore(flat));

        void Normalise(string name, Volume normalised)
        {
            using (normalised)
                quantities.Tensor(name, normalised.Values[0], stored[name]);
        }
    }

    private static void Compare(string name, IntensityStatistics statistics, JsonElement expected, PreprocessQuantities quantities)
    {
        (string Key, double Value)[] values =
        [
            ("mean", statistics.Mean), ("std", statistics.StandardDeviation), ("median", statistics.Median), ("min", statistics.Minimum),
            ("max", statistics.Maximum), ("percentile_00_5", statistics.Percentile00_5), ("percentile_99_5", statistics.Percentile99_5),
            ("voxels", statistics.Count),
        ];
        foreach ((string key, double value) in values)
            if (expected.TryGetProperty(key, out JsonElement wanted))
                quantities.Add(
                    $"{name} {key}", Math.Abs(value - wanted.GetDouble()) / Math.Max(1, Math.Abs(wanted.GetDouble())), StatisticsTolerance);
    }
}
