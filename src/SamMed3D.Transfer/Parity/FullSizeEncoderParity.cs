using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>
/// The image encoder of the full-size model, with weights by formula (golden case `sam3d_vitb`): the tokens after the embedding and
/// after every block, and the image embedding. The case's prompts and masks belong to the promptable heads.
/// </summary>
public sealed class FullSizeEncoderParity : ParityCheck
{
    private const string Stored = "io.safetensors";
    private const string EncoderPrefix = "image_encoder.";

    /// <inheritdoc/>
    public override bool Recognises(string folder, JsonElement description) =>
        description.TryGetProperty("config", out var config) && config.TryGetProperty("builder", out var builder)
        && builder.GetString() == "vit_b_ori";

    /// <inheritdoc/>
    public override IEnumerable<ParityQuantity> Run(string folder, JsonElement description, ParityOptions options)
    {
        using var encoder = new ImageEncoder(EncoderOptions.SamMed3D);
        string prefix = description.GetProperty("config").GetProperty("name_prefix").GetString()!;
        using (var formula = FormulaWeights.Source(description.GetProperty("state_dict").EnumerateObject()
            .Where(entry => entry.Name.StartsWith(prefix + EncoderPrefix, StringComparison.Ordinal))
            .Select(entry => KeyValuePair.Create(entry.Name, ShapeOf(entry.Value)))))
            WeightLoader.LoadEncoder(encoder, formula);
        encoder.to(options.Device, options.Precision);

        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var stored = SafetensorsFile.ReadAll(Path.Combine(folder, Stored));
        var volume = FormulaWeights.CreateInput(prefix + "input", 1, 1, 128, 128, 128).to(options.Precision, options.Device);
        var quantities = new List<ParityQuantity>();
        void Add(string name, Tensor mine) => quantities.Add(
            ParityTensors.Compare(name, mine, stored[name], ParityTensors.Describe(description, Stored, name)));

        Add("after_patch_embed_pos_first8", encoder.Embed(volume).narrow(4, 0, 8));
        using (var features = encoder.Features(volume, [.. Enumerable.Range(0, encoder.Options.BlockCount).Select(FeatureTap.FromInt32)]))
            foreach (var map in features.Maps)
                Add($"after_block{map.Tap.Block}_first8", map.Values.narrow(1, 0, 8).permute(0, 2, 3, 4, 1));
        Add("image_embedding", encoder.call(volume));
        return quantities;
    }

    private static IReadOnlyList<long> ShapeOf(JsonElement entry) => [.. entry[0].EnumerateArray().Select(size => size.GetInt64())];
}
