using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>
/// The full-size model with weights by formula (golden case `sam3d_vitb`): the tokens after the embedding and after every block, the
/// image embedding, and two clicks with the mask of the first as the prompt of the second.
/// </summary>
public sealed class FullSizeModelParity : ParityCheck
{
    private const string Stored = "io.safetensors";

    /// <inheritdoc/>
    public override bool Recognises(string folder, JsonElement description) =>
        description.TryGetProperty("config", out var config) && config.TryGetProperty("builder", out var builder)
        && builder.GetString() == "vit_b_ori";

    /// <inheritdoc/>
    public override IEnumerable<ParityQuantity> Run(string folder, JsonElement description, ParityOptions options) =>
        [.. Quantities(folder, description, options)];

    private static IEnumerable<ParityQuantity> Quantities(string folder, JsonElement description, ParityOptions options)
    {
        using var model = new PromptableModel(PromptableModelOptions.SamMed3D);
        var config = description.GetProperty("config");
        string prefix = config.GetProperty("name_prefix").GetString()!;
        using (var formula = FormulaWeights.Source(description.GetProperty("state_dict").EnumerateObject()
            .Select(entry => KeyValuePair.Create(prefix + entry.Name, ShapeOf(entry.Value)))))
        {
            var report = WeightLoader.Load(model, formula, new KeyMap { Rules = [new KeyRule(prefix, string.Empty)] });
            yield return new ParityQuantity("weights unused or missing", report.Unexpected.Count + report.Entries.Count(entry => !entry.IsFilled), 0);
        }

        model.to(options.Device, options.Precision);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var stored = SafetensorsFile.ReadAll(Path.Combine(folder, Stored));
        var volume = FormulaWeights.CreateInput(prefix + "input", 1, 1, 128, 128, 128).to(options.Precision, options.Device);
        ParityQuantity Compare(string name, Tensor mine) =>
            ParityTensors.Compare(name, mine, stored[name], ParityTensors.Describe(description, Stored, name));

        var encoder = model.ImageEncoder;
        yield return Compare("after_patch_embed_pos_first8", encoder.Embed(volume).narrow(4, 0, 8));
        using (var features = encoder.Features(volume, [.. Enumerable.Range(0, encoder.Options.BlockCount).Select(FeatureTap.FromInt32)]))
            foreach (var map in features.Maps)
                yield return Compare($"after_block{map.Tap.Block}_first8", map.Values.narrow(1, 0, 8).permute(0, 2, 3, 4, 1));
        var embedding = model.Encode(volume);
        yield return Compare("image_embedding", embedding);

        // [clicks, 1, 3] and [clicks, 1] of one object.
        long[] places = [.. config.GetProperty("clicks").EnumerateArray().SelectMany(click => click[0].EnumerateArray()).Select(place => place.GetInt64())];
        long[] kinds = [.. config.GetProperty("click_labels").EnumerateArray().Select(click => click[0].GetInt64())];
        var (points, labels) = (tensor(places).view(1, -1, 3).to(options.Device), tensor(kinds).view(1, -1).to(options.Device));
        var size = model.Options.Prompts.MaskSize;
        var mask = zeros([1, 1, size.X, size.Y, size.Z], options.Precision, options.Device);
        for (int click = 0; click < kinds.Length; click++)
        {
            var given = PromptBatch.Of(points.narrow(1, 0, click + 1), labels.narrow(1, 0, click + 1), mask);
            yield return Compare($"sparse_click{click}", model.PromptEncoder.call(given).Sparse);
            foreach (var (suffix, wantsAlternatives) in new[] { ("multi", true), ("single", false) })
            {
                if (!stored.ContainsKey($"low_res_click{click}_{suffix}"))
                    continue;
                var prediction = model.Decode(embedding, given, wantsAlternatives);
                yield return Compare($"low_res_click{click}_{suffix}", prediction.Masks);
                yield return Compare($"iou_click{click}_{suffix}", prediction.PredictedIou);
                mask = prediction.Masks;
            }
        }
    }

    private static IReadOnlyList<long> ShapeOf(JsonElement entry) => [.. entry[0].EnumerateArray().Select(size => size.GetInt64())];
}
