namespace SamMed3D.Transfer;

/// <summary>The three parts of <see cref="PromptableModel"/>. The defaults are SAM-Med3D's released model (`vit_b_ori`).</summary>
public sealed record PromptableModelOptions
{
    /// <summary>The image encoder.</summary>
    public EncoderOptions Encoder { get; init; } = EncoderOptions.SamMed3D;

    /// <summary>The prompt encoder.</summary>
    public PromptEncoderOptions Prompts { get; init; } = new();

    /// <summary>The mask decoder.</summary>
    public MaskDecoderOptions Decoder { get; init; } = new();

    /// <summary>SAM-Med3D's released model, `vit_b_ori`: 128^3 voxels, 100,509,232 parameters.</summary>
    public static PromptableModelOptions SamMed3D { get; } = new();

    /// <summary>SAM-Med3D's `vit_b`: 256^3 voxels, encoder width 384.</summary>
    public static PromptableModelOptions SamMed3DViTB { get; } = For(EncoderOptions.SamMed3DViTB);

    /// <summary>SAM-Med3D's `vit_l`: 256^3 voxels, 24 blocks of width 1024.</summary>
    public static PromptableModelOptions SamMed3DViTL { get; } = For(EncoderOptions.SamMed3DViTL);

    /// <summary>SAM-Med3D's `vit_h`: 256^3 voxels, 32 blocks of width 1280.</summary>
    public static PromptableModelOptions SamMed3DViTH { get; } = For(EncoderOptions.SamMed3DViTH);

    /// <summary>SAM-Med3D's heads on an encoder of another size.</summary>
    public static PromptableModelOptions For(EncoderOptions encoder)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        return new PromptableModelOptions
        {
            Encoder = encoder,
            Prompts = new() { ImageSize = encoder.ImageSize, PatchSize = encoder.PatchSize, Width = encoder.OutputChannels },
            Decoder = new() { Width = encoder.OutputChannels },
        };
    }

    /// <summary>These options, when the parts fit together.</summary>
    /// <exception cref="ArgumentException">They contradict each other; the message names both sides.</exception>
    public PromptableModelOptions Validated()
    {
        if (Encoder is null || Prompts is null || Decoder is null)
            throw new ArgumentException("Encoder, Prompts and Decoder must all be there.");
        Encoder.Validated();
        Prompts.Validated();
        Decoder.Validated();
        if (Prompts.ImageSize != Encoder.ImageSize || Prompts.PatchSize != Encoder.PatchSize)
            throw new ArgumentException(
                $"Prompts are for images of {Prompts.ImageSize} in patches of {Prompts.PatchSize}, but the Encoder takes "
                + $"{Encoder.ImageSize} in patches of {Encoder.PatchSize}.");
        if (Prompts.Width != Encoder.OutputChannels || Decoder.Width != Encoder.OutputChannels)
            throw new ArgumentException(
                $"The Encoder gives {Encoder.OutputChannels} channels, but Prompts have a Width of {Prompts.Width} and the Decoder of {Decoder.Width}.");
        return this;
    }
}
