using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>
/// The image encoder with weights that were adapted while they were loaded (golden cases `encoder3d/*`): built for the size of the case's
/// input, where that is another than the reference was built for, so that its tables are resized once and for good; and built for three input
/// channels, which all get the case's volume.
/// </summary>
public sealed class AdaptedEncoderParity : ParityCheck
{
    private static readonly EncoderParity Plain = new();

    /// <inheritdoc/>
    public override bool Recognises(string folder, JsonElement description) =>
        Plain.Recognises(folder, description) && description.GetProperty("config").GetProperty("in_chans").GetInt32() == 1;

    /// <inheritdoc/>
    public override IEnumerable<ParityQuantity> Run(string folder, JsonElement description, ParityOptions options)
    {
        using var scope = NewDisposeScope();
        var stored = SafetensorsFile.ReadAll(Path.Combine(folder, "io.safetensors"));
        var built = EncoderParity.OptionsOf(description.GetProperty("config"));
        var volume = stored["input"].to(options.Precision, options.Device);
        var size = new Size3((int)volume.shape[2], (int)volume.shape[3], (int)volume.shape[4]);
        ParityQuantity Output(string what, EncoderOptions adapted, Tensor input) => ParityTensors.Compare(
            $"output, {what}", () => Encode(folder, adapted, input, options), stored["output"], ParityTensors.Describe(description, "io.safetensors", "output"));

        var quantities = new List<ParityQuantity>
        {
            Output("three equal channels", built with { InputChannels = 3 }, volume.expand(-1, 3, -1, -1, -1)),
        };
        if (size != built.ImageSize)
            quantities.Add(Output("tables resized at load", built with { ImageSize = size }, volume));
        return quantities;
    }

    private static Tensor Encode(string folder, EncoderOptions built, Tensor input, ParityOptions options)
    {
        using var noGrad = no_grad();
        using var encoder = new ImageEncoder(built);
        using (var weights = Checkpoint.Open(Path.Combine(folder, "weights.safetensors")))
            WeightLoader.LoadEncoder(encoder, weights, new LoadPolicy { ResizePositions = true, InputChannels = InputChannelPolicy.MeanPreserving });
        encoder.to(options.Device, options.Precision);
        return encoder.call(input);
    }
}
