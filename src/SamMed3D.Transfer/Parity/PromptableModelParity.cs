using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>
/// The whole tiny model through several clicks (golden case `sam3d_tiny`): one click without a mask, only the newest click with the
/// mask so far (as in training), and all clicks so far with the mask (as in inference).
/// </summary>
public sealed class PromptableModelParity : ParityCheck
{
    private const string Weights = "weights.safetensors";
    private const string Single = "run_single_nomask.safetensors", Latest = "run_latest.safetensors", Accumulated = "run_accumulated.safetensors";

    /// <inheritdoc/>
    public override bool Recognises(string folder, JsonElement description) =>
        description.TryGetProperty("case", out var name) && name.GetString() == "sam3d_tiny" && File.Exists(Path.Combine(folder, Accumulated));

    /// <inheritdoc/>
    public override IEnumerable<ParityQuantity> Run(string folder, JsonElement description, ParityOptions options) =>
        [.. Quantities(folder, description, options)];

    private static IEnumerable<ParityQuantity> Quantities(string folder, JsonElement description, ParityOptions options)
    {
        using var model = new PromptableModel(PromptableModelOptionsJson.Read(description.GetProperty("config").GetProperty("model")));
        using (var weights = Checkpoint.Open(Path.Combine(folder, Weights)))
        {
            var report = WeightLoader.Load(model, weights);
            yield return new ParityQuantity("weights unused or missing", report.Unexpected.Count + report.Entries.Count(entry => !entry.IsFilled), 0);
        }

        model.to(options.Device, options.Precision);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        IReadOnlyDictionary<string, Tensor> Read(string file) => SafetensorsFile.ReadAll(Path.Combine(folder, file));
        var (single, latest, accumulated) = (Read(Single), Read(Latest), Read(Accumulated));
        ParityQuantity Compare(string file, IReadOnlyDictionary<string, Tensor> stored, string name, Tensor mine) => ParityTensors.Compare(
            $"{Path.GetFileNameWithoutExtension(file)}/{name}", mine, stored[name], ParityTensors.Describe(description, file, name));

        var embedding = model.Encode(accumulated["image"].to(options.Precision, options.Device));
        yield return Compare(Accumulated, accumulated, "image_embedding", embedding);
        var (clicks, labels) = (accumulated["clicks"].to(options.Device), accumulated["labels"].to(options.Device));

        var first = model.Decode(embedding, PromptBatch.Of(clicks[0], labels[0]), wantsAlternatives: true);
        yield return Compare(Single, single, "low_res", first.Masks);
        yield return Compare(Single, single, "iou", first.PredictedIou);
        yield return Binary(model.Upsample(first.Masks), single["binary"].to(options.Device));

        var mask = zeros_like(first.Masks.narrow(1, 0, 1));
        for (int click = 0; click < clicks.shape[0]; click++)
        {
            var given = PromptBatch.Of(
                clicks.narrow(0, 0, click + 1).permute(1, 0, 2, 3).flatten(1, 2), labels.narrow(0, 0, click + 1).permute(1, 0, 2).flatten(1, 2), mask);
            var prediction = model.Decode(embedding, given);
            mask = prediction.Masks;
            yield return Compare(Accumulated, accumulated, $"low_res_click{click}", mask);
            yield return Compare(Accumulated, accumulated, $"iou_click{click}", prediction.PredictedIou);
            yield return Compare(Accumulated, accumulated, $"upsampled_click{click}", model.Upsample(mask));
        }

        mask = zeros_like(mask);
        for (int round = 0; latest.ContainsKey($"low_res_click{round}"); round++)
        {
            // The last pass has no points.
            bool isLast = !latest.ContainsKey($"low_res_click{round + 1}");
            var prediction = model.Decode(embedding, isLast ? PromptBatch.OfMasks(mask) : PromptBatch.Of(clicks[round], labels[round], mask));
            mask = prediction.Masks;
            yield return Compare(Latest, latest, $"low_res_click{round}", mask);
            yield return Compare(Latest, latest, $"iou_click{round}", prediction.PredictedIou);
            double foreground = (model.Upsample(mask) > 0).sum().item<long>();
            // As the case says: a few voxels next to 0 may change side.
            yield return new ParityQuantity(
                $"run_latest/foreground_voxels_click{round}", Math.Abs(foreground - latest[$"foreground_voxels_click{round}"].item<long>()), 3);
        }
    }

    /// <summary>Voxels that fall on the other side although their logit is not next to 0.</summary>
    private static ParityQuantity Binary(Tensor logits, Tensor expected)
    {
        using var scope = NewDisposeScope();
        var differs = ((logits > 0) != (expected != 0)) & (logits.abs() > 1e-4);
        return new ParityQuantity("run_single_nomask/binary", differs.sum().item<long>(), 0);
    }
}
