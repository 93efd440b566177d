using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>
/// The image encoder of the 2D SAM, or of SAM-Med2D (golden cases `sam2d_tiny`, `sam_med2d_tiny`): tokens, the first adapter, every block, the output and every gradient. Gradients are computed in
/// float64 whatever the precision asked for, as they were stored.
/// </summary>
public sealed class Sam2dEncoderParity : ParityCheck
{
    private const string Stored = "encoder.safetensors", Gradients = "encoder_grads_f64.safetensors";

    /// <inheritdoc/>
    public override bool Recognises(string folder, JsonElement description) =>
        description.TryGetProperty("config", out var config) && config.TryGetProperty("adapters", out var adapters)
        && File.Exists(Path.Combine(folder, WeightsOf(adapters.GetBoolean())));

    /// <inheritdoc/>
    public override IEnumerable<ParityQuantity> Run(string folder, JsonElement description, ParityOptions options) =>
        [.. Activations(folder, description, options), .. Derivatives(folder, description, options)];

    internal static Sam2dEncoderOptions OptionsOf(JsonElement config)
    {
        int Int(string name) => config.GetProperty(name).GetInt32();
        return new Sam2dEncoderOptions
        {
            ImageSize = Int("img_size"),
            PatchSize = Int("patch_size"),
            EmbeddingWidth = Int("embed_dim"),
            BlockCount = Int("depth"),
            HeadCount = Int("num_heads"),
            OutputChannels = Int("out_chans"),
            WindowSize = Int("window_size"),
            HasAdapters = config.GetProperty("adapters").GetBoolean(),
            GlobalBlocks = [.. config.GetProperty("global_attn_indexes").EnumerateArray().Select(block => block.GetInt32())],
        };
    }

    private static string WeightsOf(bool hasAdapters) => hasAdapters ? "sam_med2d.pth" : "sam2d.pth";

    private static List<ParityQuantity> Activations(string folder, JsonElement description, ParityOptions options)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var encoder = Open(folder, description, options.Device, options.Precision);
        var stored = SafetensorsFile.ReadAll(Path.Combine(folder, Stored));
        var quantities = new List<ParityQuantity>();
        void Add(string name, Tensor mine) =>
            quantities.Add(ParityTensors.Compare(name, mine, stored[name], ParityTensors.Describe(description, Stored, name)));

        var input = stored["input"].to(options.Precision, options.Device);
        var tokens = encoder.Embed(input);
        Add("after_patch_embed_pos", tokens);
        if (encoder.Options.HasAdapters)
        {
            var (before, after) = encoder.Blocks[0].AtAdapter(tokens);
            Add("block0.adapter_in", before);
            Add("block0.adapter_out", after);
        }

        for (var block = 0; block < encoder.Blocks.Count; block++)
            Add($"after_block{block}", tokens = encoder.Blocks[block].call(tokens));
        Add("image_embedding", encoder.call(input));
        return quantities;
    }

    private static List<ParityQuantity> Derivatives(string folder, JsonElement description, ParityOptions options)
    {
        using var scope = NewDisposeScope();
        using var encoder = Open(folder, description, options.Device, ScalarType.Float64);
        // Stored are the gradients of the frozen parameters too.
        foreach (var parameter in encoder.parameters())
            parameter.requires_grad = true;
        var stored = SafetensorsFile.ReadAll(Path.Combine(folder, Gradients));
        var input = SafetensorsFile.ReadAll(Path.Combine(folder, Stored))["input"].to(ScalarType.Float64, options.Device).requires_grad_();
        (encoder.call(input) * stored["probe"].to(ScalarType.Float64, options.Device)).sum().backward();
        ParityQuantity Compare(string name, Tensor mine) => ParityTensors.Compare(
            name, mine, stored[name], ParityTensors.Describe(description, Gradients, name), "atol_if_run_in_float64");
        var everyThird = TensorIndex.Slice(null, null, 3);
        return
        [
            Compare("grad_input_s3", input.grad![TensorIndex.Ellipsis, everyThird, everyThird]),
            .. encoder.named_parameters().Select(entry => Compare($"grad.{entry.name}", entry.parameter.grad ?? zeros_like(entry.parameter))),
        ];
    }

    private static Sam2dEncoder Open(string folder, JsonElement description, Device device, ScalarType precision)
    {
        var encoder = new Sam2dEncoder(OptionsOf(description.GetProperty("config")));
        using (var weights = Checkpoint.Open(Path.Combine(folder, WeightsOf(encoder.Options.HasAdapters))))
            WeightLoader.Load(encoder, weights, WeightFamily.Recognise(weights.Tensors).Pattern!.ToEncoder);
        return encoder.to(device, precision);
    }
}
