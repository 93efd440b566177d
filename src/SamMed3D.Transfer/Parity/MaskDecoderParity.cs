using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>
/// The mask decoder: transformer blocks, masks, predicted qualities, and every gradient (golden case `decoder3d/a`). Gradients are computed
/// in float64 whatever the precision asked for: in float32 a ReLU's input next to 0 may change side.
/// </summary>
public sealed class MaskDecoderParity : ParityCheck
{
    private const string Weights = "weights.safetensors", Inputs = "multimask_true.safetensors";
    private const string GradientFilePrefix = "grads_", GradientPrefix = "grad";

    /// <inheritdoc/>
    public override bool Recognises(string folder, JsonElement description) =>
        description.TryGetProperty("config", out var config) && config.TryGetProperty("class_", out var kind)
        && kind.GetString() == "MaskDecoder3D";

    /// <inheritdoc/>
    public override IEnumerable<ParityQuantity> Run(string folder, JsonElement description, ParityOptions options)
    {
        using var decoder = new MaskDecoder(OptionsOf(description.GetProperty("config")));
        using var scope = NewDisposeScope();
        ParityTensors.LoadExactly(decoder, SafetensorsFile.ReadAll(Path.Combine(folder, Weights)));
        var quantities = new List<ParityQuantity>();
        foreach (var (type, isOfGradients) in new[] { (options.Precision, false), (ScalarType.Float64, true) })
        {
            decoder.to(options.Device, type);
            foreach (var file in description.GetProperty("files").EnumerateObject().Where(file => file.Value.TryGetProperty("multimask_output", out _)))
                quantities.AddRange(Call(decoder, folder, description, file.Name, options.Device, type)
                    .Where(quantity => quantity.Name.StartsWith(GradientPrefix, StringComparison.Ordinal) == isOfGradients)
                    .Select(quantity => ParityTensors.Compare(
                        $"{Path.GetFileNameWithoutExtension(file.Name)}/{quantity.Name}", quantity.Mine, quantity.Expected, quantity.Description)));
        }

        return quantities;
    }

    private static IEnumerable<(string Name, Tensor Mine, Tensor Expected, JsonElement Description)> Call(
        MaskDecoder decoder, string folder, JsonElement description, string file, Device device, ScalarType type)
    {
        var stored = SafetensorsFile.ReadAll(Path.Combine(folder, file));
        // One call stores no inputs: it has those of another.
        var inputs = stored.ContainsKey("image_embeddings") ? stored : SafetensorsFile.ReadAll(Path.Combine(folder, Inputs));
        Tensor Input(string name) => inputs[name].to(type, device).requires_grad_();

        decoder.zero_grad();
        var (image, positions) = (Input("image_embeddings"), Input("image_pe"));
        var prompts = new PromptEmbeddings(Input("sparse"), Input("dense"));
        bool wantsAlternatives = description.GetProperty("files").GetProperty(file).GetProperty("multimask_output").GetBoolean();
        var mine = new Dictionary<string, Tensor>();
        using (Watch(decoder, mine))
        {
            var prediction = decoder.call(image, positions, prompts, wantsAlternatives);
            (mine["masks"], mine["iou_pred"]) = (prediction.Masks, prediction.PredictedIou);
        }

        var loss = (mine["masks"] * stored["probe_masks"].to(type, device)).sum() + (mine["iou_pred"] * stored["probe_iou"].to(type, device)).sum();
        loss.backward();
        mine["loss"] = loss;
        foreach (var (name, input) in new[] { ("image_embeddings", image), ("image_pe", positions), ("sparse", prompts.Sparse), ("dense", prompts.Dense) })
            mine[$"grad_{name}"] = input.grad ?? zeros_like(input);
        foreach (var (name, parameter) in decoder.named_parameters())
            mine[$"grad.{name}"] = parameter.grad ?? zeros_like(parameter);

        string gradients = GradientFilePrefix + file;
        var expected = File.Exists(Path.Combine(folder, gradients)) ? SafetensorsFile.ReadAll(Path.Combine(folder, gradients)) : null;
        return
        [
            .. stored.Keys.Where(mine.ContainsKey).Select(name => (name, mine[name], stored[name], ParityTensors.Describe(description, file, name))),
            .. (expected ?? new Dictionary<string, Tensor>()).Select(entry =>
                (entry.Key, mine[entry.Key], entry.Value, ParityTensors.Describe(description, gradients, entry.Key))),
        ];
    }

    /// <summary>Keeps what the transformer's blocks, the transformer and the upscaling give, under the stored names, until it is disposed.</summary>
    private static HookRemovals Watch(MaskDecoder decoder, Dictionary<string, Tensor> seen)
    {
        (Tensor Tokens, Tensor Image) Keep(string name, (Tensor Tokens, Tensor Image) both)
        {
            seen[$"{name}_queries"] = both.Tokens.alias().MoveToOuterDisposeScope();
            seen[$"{name}_keys"] = both.Image.alias().MoveToOuterDisposeScope();
            return both;
        }

        var hooks = new HookRemovals();
        foreach (var (block, index) in decoder.Transformer.Layers.Select((block, index) => (block, index)))
            hooks.Add(block.register_forward_hook((_, _, _, _, _, both) => Keep($"layer{index}", both)).remove);
        hooks.Add(decoder.Transformer.register_forward_hook((_, _, _, _, both) =>
        {
            // What the blocks gave has left the transformer's scope alone so far.
            foreach (var kept in seen.Values)
                kept.MoveToOuterDisposeScope();
            return Keep("transformer", both);
        }).remove);
        hooks.Add(decoder.Upscaling.register_forward_hook((_, _, grid) =>
        {
            seen["upscaled"] = grid.permute(0, 4, 1, 2, 3).MoveToOuterDisposeScope();
            return grid;
        }).remove);
        return hooks;
    }

    private static MaskDecoderOptions OptionsOf(JsonElement config)
    {
        int Int(string name) => config.GetProperty(name).GetInt32();
        return new MaskDecoderOptions
        {
            Width = Int("transformer_dim"),
            AlternativeCount = Int("num_multimask_outputs"),
            BlockCount = Int("transformer_depth"),
            HeadCount = Int("transformer_num_heads"),
            MlpWidth = Int("transformer_mlp_dim"),
            AttentionDownsampling = Int("attention_downsample_rate"),
            IouHeadDepth = Int("iou_head_depth"),
            IouHeadWidth = Int("iou_head_hidden_dim"),
        };
    }

    private sealed class HookRemovals : List<Action>, IDisposable
    {
        public void Dispose() => ForEach(remove => remove());
    }
}
