namespace SamMed3D.Transfer;

/// <summary>
/// SAM-Med3D as a whole (Wang et al., arXiv 2310.15161): image encoder, prompt encoder and mask decoder, with the keys of the released
/// checkpoints. A volume is encoded once; decoding an object from prompts is cheap.
/// </summary>
public sealed class PromptableModel : Module<Tensor, PromptBatch, bool, MaskPrediction>
{
    private readonly ImageEncoder image_encoder;
    private readonly PromptEncoder prompt_encoder;
    private readonly MaskDecoder mask_decoder;

    /// <summary>Fresh weights.</summary>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public PromptableModel(PromptableModelOptions options)
        : base(nameof(PromptableModel))
    {
        ArgumentNullException.ThrowIfNull(options);
        Options = options.Validated();
        image_encoder = new ImageEncoder(options.Encoder);
        prompt_encoder = new PromptEncoder(options.Prompts);
        mask_decoder = new MaskDecoder(options.Decoder);
        RegisterComponents();
    }

    /// <summary>What this was built with.</summary>
    public PromptableModelOptions Options { get; }

    /// <summary>The image encoder, which belongs to this model.</summary>
    public ImageEncoder ImageEncoder => image_encoder;

    /// <summary>The prompt encoder, which belongs to this model.</summary>
    public PromptEncoder PromptEncoder => prompt_encoder;

    /// <summary>The mask decoder, which belongs to this model.</summary>
    public MaskDecoder MaskDecoder => mask_decoder;

    /// <summary>The embedding of volumes, to be decoded as often as one likes.</summary>
    /// <param name="volume">[N, C, X, Y, Z], of the size that the model was built for, RAS+, normalised.</param>
    /// <returns>[N, C', X', Y', Z']; the caller owns it.</returns>
    /// <exception cref="ArgumentException">The volume has another shape.</exception>
    public Tensor Encode(Tensor volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        var size = Options.Encoder.ImageSize;
        if (volume.shape is not [_, _, var x, var y, var z] || x != size.X || y != size.Y || z != size.Z)
            throw new ArgumentException(
                $"Expected a volume [N, {Options.Encoder.InputChannels}, {size.X}, {size.Y}, {size.Z}], got [{string.Join(", ", volume.shape)}].", nameof(volume));
        return image_encoder.call(volume);
    }

    /// <summary>Masks from an embedding and prompts.</summary>
    /// <param name="imageEmbedding">[N, C', X', Y', Z'], or [1, C', X', Y', Z'] for N objects in one volume.</param>
    /// <param name="prompts">The prompts of N objects.</param>
    /// <param name="wantsAlternatives">Whether to give the alternative masks in place of the single one.</param>
    /// <returns>Low-resolution logits and predicted qualities; the caller owns them.</returns>
    /// <exception cref="ArgumentException">Shapes do not belong together.</exception>
    public MaskPrediction Decode(Tensor imageEmbedding, PromptBatch prompts, bool wantsAlternatives = false)
    {
        using var embeddings = prompt_encoder.call(prompts);
        using var positions = prompt_encoder.DensePositions();
        return mask_decoder.call(imageEmbedding, positions, embeddings, wantsAlternatives);
    }

    /// <summary>Encodes and decodes in one go.</summary>
    /// <param name="volume">[N, C, X, Y, Z].</param>
    /// <param name="prompts">The prompts of N objects.</param>
    /// <param name="wantsAlternatives">Whether to give the alternative masks in place of the single one.</param>
    /// <returns>Low-resolution logits and predicted qualities; the caller owns them.</returns>
    /// <exception cref="ArgumentException">Shapes do not belong together.</exception>
    public override MaskPrediction forward(Tensor volume, PromptBatch prompts, bool wantsAlternatives)
    {
        using var embedding = Encode(volume);
        return Decode(embedding, prompts, wantsAlternatives);
    }

    /// <summary>Low-resolution logits on the voxels of the model's image, by trilinear interpolation (align_corners false).</summary>
    /// <param name="masks">[N, M, 4X', 4Y', 4Z'].</param>
    /// <returns>[N, M, X, Y, Z]; the caller owns it.</returns>
    public Tensor Upsample(Tensor masks)
    {
        ArgumentNullException.ThrowIfNull(masks);
        return functional.interpolate(
            masks, size: Options.Encoder.ImageSize.ToArray(), mode: InterpolationMode.Trilinear, align_corners: false);
    }
}
