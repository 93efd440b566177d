using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>
/// Golden cases <c>preprocess</c>: resample, reorient, crop or pad, normalise and the way back, as SAM-Med3D's inference does with torchio.
/// </summary>
public sealed class PreprocessParity : ParityCheck
{
    /// <inheritdoc/>
    public override bool Recognises(string folder, JsonElement description) =>
        description.ValueKind == JsonValueKind.Object && description.TryGetProperty("cases", out JsonElement cases)
        && cases.ValueKind == JsonValueKind.Array && cases.EnumerateArray().All(entry =>
            entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty("target_spacing", out _) && entry.TryGetProperty("steps", out _));

    /// <inheritdoc/>
    public override IEnumerable<ParityQuantity> Run(string folder, JsonElement description, ParityOptions options)
    {
        foreach (JsonElement entry in description.GetProperty("cases").EnumerateArray())
            foreach (ParityQuantity quantity in Attempt(folder, entry))
                yield return quantity;
    }

    private static IReadOnlyList<ParityQuantity> Attempt(string folder, JsonElement entry)
    {
        string name = entry.GetProperty("name").GetString()!;
        try
        {
            string imagePath = Locate(folder, entry, "image"), labelPath = Locate(folder, entry, "label");
            if (new[] { imagePath, labelPath }.FirstOrDefault(path => !File.Exists(path)) is { } missing)
                return [IsElsewhere(entry)
                    ? ParityQuantity.Skipped(name, $"its input {missing} is not here")
                    : new(name, double.PositiveInfinity, 0, $"the input {missing} is missing")];
            using var scope = NewDisposeScope();
            var quantities = new PreprocessQuantities(name);
            Compute(folder, entry, imagePath, labelPath, quantities);
            return quantities.All;
        }
#pragma warning disable CA1031 // Whatever went wrong is the result of the check.
        catch (Exception problem)
#pragma warning restore CA1031
        {
            return [new(name, double.PositiveInfinity, 0, TorchError.Reason(problem))];
        }
    }

    private static void Compute(string folder, JsonElement entry, string imagePath, string labelPath, PreprocessQuantities quantities)
    {
        IReadOnlyDictionary<string, Tensor>? stored = entry.TryGetProperty("tensors", out JsonElement file)
            ? SafetensorsFile.ReadAll(Path.Combine(folder, file.GetString()!))
            : null;
        JsonElement steps = entry.GetProperty("steps"), target = entry.GetProperty("target_spacing");
        var spacing = new Double3(target[0].GetDouble(), target[1].GetDouble(), target[2].GetDouble());

        using Volume image = VolumeFile.Open(imagePath);
        using LabelVolume all = LabelVolumeFile.Open(labelPath);
        using var label = new LabelVolume((all.Values == entry.GetProperty("category").GetInt32()).to(ScalarType.Int32), all.Geometry);

        using Volume resampled = Resampler.ToSpacing(image, spacing);
        using LabelVolume resampledLabel = Resampler.ToSpacing(label, spacing);
        quantities.Step("resample", steps, resampled, resampledLabel);
        quantities.Tensors("resampled", stored, resampled, resampledLabel);
        if (stored?.GetValueOrDefault("resampled_image_int16") is { } integers)
            // An integer pipeline cuts its results toward zero, so that it stays within one unit of this one.
            quantities.Add("resampled_image_int16", ParityTensors.LargestDifference(resampled.Values[0], integers), 1);

        using Volume canonical = Reorientation.ToCanonical(resampled);
        using LabelVolume canonicalLabel = Reorientation.ToCanonical(resampledLabel);
        quantities.Step("canonical", steps, canonical, canonicalLabel);
        quantities.AxisOrder(steps.GetProperty("canonical"), resampled.Geometry.Orientation);
        quantities.Tensors("canonical", stored, canonical, canonicalLabel);

        var window = CropOrPad.AroundLabels(canonicalLabel, entry.GetProperty("crop_size").GetInt32());
        using Volume region = window.Apply(canonical);
        using LabelVolume regionLabel = window.Apply(canonicalLabel);
        quantities.Step("crop_or_pad", steps, region, regionLabel);
        quantities.Window(steps.GetProperty("crop_or_pad"), window);
        quantities.Tensors("roi", stored, region, regionLabel);

        using Volume normalised = IntensityNormalization.ZScoreOverPositive(region);
        quantities.Normalised(steps.GetProperty("znormalise"), region, normalised);
        if (stored is not null)
            quantities.Tensor("roi_normalised", normalised.Values[0], stored["roi_normalised"]);

        Tensor made = stored is null ? GrownWithCorner(regionLabel.Values) : stored["roi_prediction"].to(ScalarType.Int32);
        using var prediction = new LabelVolume(made, region.Geometry);
        using LabelVolume restored = GridResampler.ToGrid(prediction, image.Geometry);
        quantities.Restored(steps.GetProperty("restore"), prediction, restored);
        if (stored is not null)
            quantities.Add("restored_prediction", ParityTensors.LargestDifference(
                restored.Values * (1 - stored["restored_ambiguous"].to(ScalarType.Int32)),
                stored["restored_prediction"].to(ScalarType.Int32) * (1 - stored["restored_ambiguous"].to(ScalarType.Int32))), 0);
    }

    /// <summary>Whether the case's inputs are real volumes, which lie beside the golden folder where somebody has put them there.</summary>
    private static bool IsElsewhere(JsonElement entry) =>
        entry.GetProperty("inputs").GetProperty("image").GetString()!.StartsWith("data/", StringComparison.Ordinal);

    private static string Locate(string folder, JsonElement entry, string input) =>
        GoldenInput.Locate(folder, entry.GetProperty("inputs").GetProperty(input).GetString()!);

    /// <summary>The prediction of real cases: the label grown by one voxel along the faces, and a corner block of 16 voxels an edge.</summary>
    private static Tensor GrownWithCorner(Tensor label)
    {
        Tensor grown = label.clone();
        for (int axis = 0; axis < 3; axis++)
        {
            long length = label.shape[axis] - 1;
            foreach ((int to, int from) in new[] { (0, 1), (1, 0) })
            {
                Tensor part = grown.narrow(axis, to, length);
                part.copy_(part.maximum(label.narrow(axis, from, length)));
            }
        }
        grown.narrow(0, 0, 16).narrow(1, 0, 16).narrow(2, 0, 16).fill_(1);
        return grown;
    }
}
