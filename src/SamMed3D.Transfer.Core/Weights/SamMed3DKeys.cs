namespace SamMed3D.Transfer;

/// <summary>
/// Key maps for SAM-Med3D's released checkpoints, whose keys start with image_encoder., prompt_encoder. or mask_decoder.,
/// with "module." in front when they were saved from several GPUs; a file of the encoder alone has the encoder's own keys.
/// </summary>
public static class SamMed3DKeys
{
    /// <summary>From the whole model, or the encoder alone, to an encoder.</summary>
    public static KeyMap ToEncoder { get; } = new()
    {
        Dropped = ["prompt_encoder.", "mask_decoder."],
        Rules = [new KeyRule("image_encoder.", string.Empty)],
    };

    /// <summary>From the whole model, or the encoder alone, to the field "vit" of a UNETR.</summary>
    public static KeyMap ToUnetr { get; } = ToEncoder.Under("vit.");
}
