using System.Globalization;
using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>3DSAM-adapter's image encoder: tokens after every block, features, output, masks, and every trained parameter's gradient (golden case `adapter3d_tiny`).</summary>
public sealed class SamAdapterParity : ParityCheck
{
    /// <inheritdoc/>
    public override bool Recognises(string folder, JsonElement description) =>
        description.TryGetProperty("config", out var config) && config.TryGetProperty("class_", out var kind)
        && kind.GetString() == "ImageEncoderViT_3d_v2";

    /// <inheritdoc/>
    public override IEnumerable<ParityQuantity> Run(string folder, JsonElement description, ParityOptions options)
    {
        using var scope = NewDisposeScope();
        using var encoder = Open(folder, description, out var masks);
        var stored = SafetensorsFile.ReadAll(Path.Combine(folder, "io.safetensors"));
        JsonElement Stored(string name) => ParityTensors.Describe(description, "io.safetensors", name);
        List<ParityQuantity> quantities = [.. MaskQuantities((SamAdapterOptions)encoder.Options, masks), Trained(encoder, description)];

        encoder.to(options.Device, options.Precision);
        var outputs = Outputs(encoder, stored["input"].to(options.Precision, options.Device));
        quantities.AddRange(outputs.Select(output => ParityTensors.Compare(output.Key, output.Value, stored[output.Key], Stored(output.Key))));

        // A few activations next to 0 change side in float32, so gradients are compared in float64, as they were computed.
        encoder.to(ScalarType.Float64);
        var exact = Outputs(encoder, stored["input"].to(ScalarType.Float64, options.Device));
        var gradients = SafetensorsFile.ReadAll(Path.Combine(folder, "grads_f64.safetensors"));
        var probes = gradients.Where(pair => pair.Key.StartsWith("probe.", StringComparison.Ordinal));
        probes.Select(probe => (exact[probe.Key["probe.".Length..]] * probe.Value.to(ScalarType.Float64, options.Device)).sum())
            .Aggregate((sum, term) => sum + term).backward();
        foreach (var (name, parameter) in encoder.named_parameters().Where(entry => entry.parameter.requires_grad))
            quantities.Add(ParityTensors.Compare(
                $"grad.{name}", parameter.grad ?? zeros_like(parameter), gradients[$"grad.{name}"],
                ParityTensors.Describe(description, "grads_f64.safetensors", $"grad.{name}"), "atol_if_run_in_float64"));
        return quantities;
    }

    internal static SamAdapterOptions OptionsOf(JsonElement config)
    {
        int Int(string name) => config.GetProperty(name).GetInt32();
        int patch = Int("patch_size");
        return new SamAdapterOptions
        {
            // The case's input is half as large as the SAM's, and its slices are not enlarged.
            ImageSize = new(Int("img_size") / 2, Int("img_size") / 2, Int("patch_depth") * patch),
            PatchSize = patch, SamPatchSize = patch, SlicesPerToken = Int("num_slice"), SamGrid = Int("img_size") / patch,
            InputChannels = 3, EmbeddingWidth = Int("embed_dim"), BlockCount = Int("depth"), HeadCount = Int("num_heads"),
            SamWindowSize = Int("window_size"), WindowSize = Int("cubic_window_size"), OutputChannels = Int("out_chans"),
            SamGlobalBlocks = [.. config.GetProperty("global_attn_indexes").EnumerateArray().Select(block => block.GetInt32())],
            LayerNormEpsilon = config.GetProperty("encoder_layer_norm_eps").GetDouble(),
        };
    }

    private static SamAdapterEncoder Open(string folder, JsonElement description, out Dictionary<string, Tensor> masks)
    {
        var encoder = new SamAdapterEncoder(OptionsOf(description.GetProperty("config")));
        using var checkpoint = Checkpoint.Open(Path.Combine(folder, "encoder.pth"));
        WeightLoader.LoadEncoder(encoder, checkpoint);
        masks = checkpoint.Tensors.Where(info => info.Name.EndsWith(".attn_mask", StringComparison.Ordinal))
            .ToDictionary(info => info.Name, info => checkpoint.Read(info.Name));
        return encoder;
    }

    /// <summary>The stored masks of the shifted blocks, which are computed here.</summary>
    private static IEnumerable<ParityQuantity> MaskQuantities(SamAdapterOptions built, Dictionary<string, Tensor> masks)
    {
        using var mask = ShiftedWindows.Mask(built.Grid, built.WindowSize, CPU);
        return [.. masks.Select(stored => new ParityQuantity(stored.Key, ParityTensors.LargestDifference(mask, stored.Value), 0))];
    }

    /// <summary>That the same parameters learn: 0 when they do, else how many differ.</summary>
    private static ParityQuantity Trained(SamAdapterEncoder encoder, JsonElement description)
    {
        var expected = description.GetProperty("trainable").EnumerateArray().Select(name => name.GetString()!).ToHashSet(StringComparer.Ordinal);
        expected.SymmetricExceptWith(encoder.named_parameters().Where(entry => entry.parameter.requires_grad).Select(entry => entry.name));
        return new ParityQuantity("trained parameters", expected.Count, 0, expected.Count == 0 ? null : string.Join(", ", expected.Take(4)));
    }

    private static Dictionary<string, Tensor> Outputs(SamAdapterEncoder encoder, Tensor slices)
    {
        var built = (SamAdapterOptions)encoder.Options;
        var outputs = new Dictionary<string, Tensor>();
        var tokens = outputs["after_embed"] = encoder.Embed(slices.permute(1, 2, 3, 0).unsqueeze(0), built.Grid);
        outputs["block0.adapter_out"] = encoder.Blocks[0].Adapter.call(tokens);
        for (int block = 0, neck = 0; block < encoder.Blocks.Count; block++)
        {
            tokens = outputs[string.Create(CultureInfo.InvariantCulture, $"after_block{block}")] = encoder.Blocks[block].call(tokens);
            if (built.NeckBlocks[neck] != block)
                continue;
            string name = neck == built.NeckBlocks.Count - 1 ? "output" : string.Create(CultureInfo.InvariantCulture, $"feature{neck}");
            outputs[name] = encoder.Neck(neck++, tokens);
        }

        return outputs;
    }
}
