using System.Runtime.InteropServices;
using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>
/// UNETR on its plain transformer: tokens, blocks, decoder levels and logits, and every gradient (golden cases `unetr_monai/*`, MONAI 1.3.2).
/// Gradients are computed in float64 whatever the precision asked for: in float32 a few activations next to 0 change side.
/// </summary>
public sealed class UnetrParity : ParityCheck
{
    private const string Values = "io.safetensors";
    private const string Gradients = "grads_f64.safetensors";

    /// <inheritdoc/>
    public override bool Recognises(string folder, JsonElement description) =>
        description.TryGetProperty("config", out var config) && config.TryGetProperty("class_", out var kind)
        && kind.GetString() == "UNETR";

    /// <inheritdoc/>
    public override IEnumerable<ParityQuantity> Run(string folder, JsonElement description, ParityOptions options)
    {
        var quantities = new List<ParityQuantity>();
        foreach (var file in description.GetProperty("files").EnumerateObject())
            try
            {
                if (file.Name == Gradients)
                    quantities.AddRange(CompareGradients(folder, description, options));
                else if (file.Name.EndsWith(".pth", StringComparison.Ordinal))
                    quantities.AddRange(CompareValues(folder, file.Name, description, options));
            }
            catch (Exception problem) when (problem is IOException or InvalidDataException or ArgumentException
                or KeyNotFoundException or NotSupportedException or ExternalException)
            {
                quantities.Add(new ParityQuantity(file.Name, double.PositiveInfinity, 0, problem.Message));
            }

        return quantities;
    }

    private static List<ParityQuantity> CompareValues(string folder, string weights, JsonElement description, ParityOptions options)
    {
        using var unetr = Load(Path.Combine(folder, weights), description, options.Device, options.Precision);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var stored = SafetensorsFile.ReadAll(Path.Combine(folder, Values));
        var input = stored["input"].to(options.Precision, options.Device);
        var mine = Watch(unetr);
        mine["output"] = unetr.call(input);

        int last = unetr.Backbone.Options.BlockCount - 1;
        using var features = unetr.Backbone.Features(
            input, [.. Enumerable.Range(0, last + 1).Select(FeatureTap.FromInt32), new(last, IsNormalized: true)]);
        foreach (var map in features.Maps)
            mine[map.Tap.IsNormalized ? "vit_out" : $"hidden{map.Tap.Block}"] = map.Values.flatten(2).transpose(1, 2);

        // Cases differ in how much they store; weights saved by another version are told apart by the name of their file.
        string suffix = weights == "unetr.pth" ? "" : $" ({weights})";
        return [.. stored.Keys.Where(name => name is not ("input" or "probe")).Select(name => ParityTensors.Compare(
            name + suffix, mine[name], stored[name], ParityTensors.Describe(description, Values, name)))];
    }

    private static List<ParityQuantity> CompareGradients(string folder, JsonElement description, ParityOptions options)
    {
        using var unetr = Load(Path.Combine(folder, "unetr.pth"), description, options.Device, ScalarType.Float64);
        using var scope = NewDisposeScope();
        var stored = SafetensorsFile.ReadAll(Path.Combine(folder, Values));
        var expected = SafetensorsFile.ReadAll(Path.Combine(folder, Gradients));
        var input = stored["input"].to(ScalarType.Float64, options.Device).requires_grad_();
        var loss = (unetr.call(input) * stored["probe"].to(ScalarType.Float64, options.Device)).sum();
        loss.backward();

        var mine = unetr.named_parameters().ToDictionary(
            named => $"grad.{named.name}", named => named.parameter.grad ?? zeros_like(named.parameter));
        mine["loss"] = loss;
        mine["grad_input"] = input.grad!;
        return [.. expected.Keys.Select(name => ParityTensors.Compare(
            name, mine[name], expected[name], ParityTensors.Describe(description, Gradients, name), "atol_if_run_in_float64"))];
    }

    /// <summary>Keeps what passes through the named parts, under the names of the stored tensors.</summary>
    private static Dictionary<string, Tensor> Watch(Unetr unetr)
    {
        var seen = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, module) in unetr.named_modules())
            if (name == "vit.patch_embedding")
                ((nn.Module<Tensor, Tensor>)module).register_forward_hook((_, _, tokens) => Keep("patch_tokens", tokens));
            else if (name.StartsWith("encoder", StringComparison.Ordinal) && !name.Contains('.', StringComparison.Ordinal))
                ((nn.Module<Tensor, Tensor>)module).register_forward_hook((_, _, features) => Keep($"enc{name[7..]}", features));
            else if (module is nn.Module<Tensor, Tensor, Tensor> decoder)
                decoder.register_forward_hook((_, _, _, features) => Keep($"dec{name[7..]}", features));
        return seen;

        Tensor Keep(string name, Tensor value)
        {
            seen[name] = value.alias().MoveToOuterDisposeScope();
            return value;
        }
    }

    private static Unetr Load(string path, JsonElement description, Device device, ScalarType type)
    {
        var unetr = Unetr.Create(OptionsOf(description.GetProperty("config")));
        try
        {
            using var scope = NewDisposeScope();
            using var checkpoint = Checkpoint.Open(path);
            // MONAI 1.5.0 saves a cross-attention in each block that UNETR never runs.
            ParityTensors.LoadExactly(unetr, checkpoint.Tensors.Select(tensor => tensor.Name)
                .Where(name => !name.Contains("cross_attn", StringComparison.Ordinal))
                .ToDictionary(name => name, checkpoint.Read));
            unetr.to(device, type);
            unetr.eval();
            return unetr;
        }
        catch
        {
            unetr.Dispose();
            throw;
        }
    }

    private static UnetrOptions OptionsOf(JsonElement config)
    {
        int Int(string name) => config.GetProperty(name).GetInt32();
        bool Bool(string name) => config.TryGetProperty(name, out var value) && value.GetBoolean();
        int[] size = [.. config.GetProperty("img_size").EnumerateArray().Select(extent => extent.GetInt32())];
        return new UnetrOptions
        {
            Backbone = new PlainViTOptions
            {
                InputChannels = Int("in_channels"),
                ImageSize = new Size3(size[0], size[1], size[2]),
                PatchSize = Int("patch_size"),
                EmbeddingWidth = Int("hidden_size"),
                MlpWidth = Int("mlp_dim"),
                HeadCount = Int("num_heads"),
                BlockCount = Int("layers"),
                HasAttentionBias = Bool("qkv_bias"),
                PatchProjection = config.GetProperty("proj_type").GetString() == "perceptron"
                    ? PatchProjection.Perceptron
                    : PatchProjection.Convolution,
            },
            ClassCount = Int("out_channels"),
            FeatureSize = Int("feature_size"),
            HasConvBlock = Bool("conv_block"),
            HasResidualBlock = Bool("res_block"),
        };
    }
}
