using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>The prompt encoder: position encoding, embeddings of every kind of prompt, and gradients (golden cases `prompt3d/*`).</summary>
public sealed class PromptEncoderParity : ParityCheck
{
    private const string Weights = "weights.safetensors", Positions = "dense_pe.safetensors";

    /// <inheritdoc/>
    public override bool Recognises(string folder, JsonElement description) =>
        description.TryGetProperty("config", out var config) && config.TryGetProperty("class_", out var kind)
        && kind.GetString() == "PromptEncoder3D";

    /// <inheritdoc/>
    public override IEnumerable<ParityQuantity> Run(string folder, JsonElement description, ParityOptions options)
    {
        using var encoder = new PromptEncoder(OptionsOf(description.GetProperty("config")));
        using var scope = NewDisposeScope();
        ParityTensors.LoadExactly(encoder, SafetensorsFile.ReadAll(Path.Combine(folder, Weights)));
        encoder.to(options.Device, options.Precision);
        var quantities = new List<ParityQuantity>
        {
            ParityTensors.Compare("dense_pe", encoder.DensePositions(), SafetensorsFile.ReadAll(Path.Combine(folder, Positions))["dense_pe"],
                ParityTensors.Describe(description, Positions, "dense_pe")),
        };
        foreach (var file in description.GetProperty("files").EnumerateObject().Where(file => file.Name is not (Weights or Positions)))
            quantities.AddRange(Call(encoder, SafetensorsFile.ReadAll(Path.Combine(folder, file.Name)), file, options));
        return quantities;
    }

    private static List<ParityQuantity> Call(
        PromptEncoder encoder, IReadOnlyDictionary<string, Tensor> stored, JsonProperty file, ParityOptions options)
    {
        Tensor? Input(string name) => !stored.TryGetValue(name, out var values) ? null
            : values.is_floating_point() ? values.to(options.Precision, options.Device).requires_grad_()
            : values.to(options.Device);

        encoder.zero_grad();
        var prompts = new PromptBatch { Points = Input("points"), Labels = Input("labels"), Masks = Input("mask") };
        using var embeddings = encoder.call(prompts);
        var loss = (embeddings.Sparse * stored["probe_sparse"].to(options.Precision, options.Device)).sum()
            + (embeddings.Dense * stored["probe_dense"].to(options.Precision, options.Device)).sum();
        loss.backward();

        var mine = new Dictionary<string, Tensor?>
        {
            ["sparse"] = embeddings.Sparse,
            ["dense"] = embeddings.Dense,
            ["loss"] = loss,
            ["grad_points"] = prompts.Points?.grad,
            ["grad_mask"] = prompts.Masks?.grad,
        };
        foreach (var (name, parameter) in encoder.named_parameters())
            mine["grad." + name] = parameter.grad;
        return
        [
            .. stored.Keys.Where(mine.ContainsKey).Select(name => ParityTensors.Compare(
                $"{Path.GetFileNameWithoutExtension(file.Name)}/{name}", mine[name] ?? zeros_like(stored[name]), stored[name],
                file.Value.GetProperty("tensors").GetProperty(name))),
        ];
    }

    private static PromptEncoderOptions OptionsOf(JsonElement config)
    {
        int[] Sizes(string name) => [.. config.GetProperty(name).EnumerateArray().Select(extent => extent.GetInt32())];
        int[] image = Sizes("input_image_size"), grid = Sizes("image_embedding_size");
        return new PromptEncoderOptions
        {
            ImageSize = new Size3(image[0], image[1], image[2]),
            PatchSize = image[0] / grid[0],
            Width = config.GetProperty("embed_dim").GetInt32(),
            MaskChannels = config.GetProperty("mask_in_chans").GetInt32(),
        };
    }
}
