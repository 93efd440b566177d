using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>The image encoder: every block, the output, the loss and every gradient (golden cases `encoder3d/*`).</summary>
public sealed class EncoderParity : ParityCheck
{
    /// <inheritdoc/>
    public override bool Recognises(string folder, JsonElement description) =>
        description.TryGetProperty("config", out var config) && config.TryGetProperty("class_", out var kind)
        && kind.GetString() == "ImageEncoderViT3D";

    /// <inheritdoc/>
    public override IEnumerable<ParityQuantity> Run(string folder, JsonElement description, ParityOptions options)
    {
        var quantities = new List<ParityQuantity>();
        using var encoder = new ImageEncoder(OptionsOf(description.GetProperty("config")));
        using var scope = NewDisposeScope();
        ParityTensors.LoadExactly(encoder, SafetensorsFile.ReadAll(Path.Combine(folder, "weights.safetensors")));
        encoder.to(options.Device, options.Precision);
        var stored = SafetensorsFile.ReadAll(Path.Combine(folder, "io.safetensors"));
        var input = stored["input"].to(options.Precision, options.Device).requires_grad_();

        void Add(string name, Tensor mine) => quantities.Add(ParityTensors.Compare(
            name, mine, stored[name], ParityTensors.Describe(description, "io.safetensors", name)));

        using (var features = encoder.Features(input, [.. Enumerable.Range(0, encoder.Options.BlockCount).Select(FeatureTap.FromInt32)]))
        {
            Add("after_patch_embed_pos", encoder.Embed(input));
            foreach (var map in features.Maps)
                Add($"after_block{map.Tap.Block}", map.Values.permute(0, 2, 3, 4, 1));
        }

        var output = encoder.call(input);
        Add("output", output);

        var gradients = SafetensorsFile.ReadAll(Path.Combine(folder, "grads.safetensors"));
        JsonElement Gradient(string name) => ParityTensors.Describe(description, "grads.safetensors", name);
        var loss = (output * stored["probe"].to(options.Precision, options.Device)).sum();
        quantities.Add(ParityTensors.Compare("loss", loss, gradients["loss"], Gradient("loss")));
        loss.backward();
        quantities.Add(ParityTensors.Compare(
            "grad_input_s3", ParityTensors.EveryThird(input.grad!), gradients["grad_input_s3"], Gradient("grad_input_s3")));
        foreach (var (name, parameter) in encoder.named_parameters())
            quantities.Add(ParityTensors.Compare(
                $"grad.{name}", parameter.grad ?? zeros_like(parameter), gradients[$"grad.{name}"], Gradient($"grad.{name}")));
        return quantities;
    }

    internal static EncoderOptions OptionsOf(JsonElement config)
    {
        int Int(string name) => config.GetProperty(name).GetInt32();
        bool Bool(string name) => config.GetProperty(name).GetBoolean();
        return new EncoderOptions
        {
            ImageSize = Int("img_size"),
            PatchSize = Int("patch_size"),
            InputChannels = Int("in_chans"),
            EmbeddingWidth = Int("embed_dim"),
            BlockCount = Int("depth"),
            HeadCount = Int("num_heads"),
            MlpRatio = config.GetProperty("mlp_ratio").GetDouble(),
            OutputChannels = Int("out_chans"),
            HasQkvBias = Bool("qkv_bias"),
            HasAbsolutePositions = Bool("use_abs_pos"),
            RelativePosition = Bool("use_rel_pos") ? RelativePosition.Published : RelativePosition.None,
            WindowSize = Int("window_size"),
            GlobalBlocks = [.. config.GetProperty("global_attn_indexes").EnumerateArray().Select(block => block.GetInt32())],
            LayerNormEpsilon = config.GetProperty("layer_norm_eps").GetDouble(),
        };
    }
}
