namespace SamMed3D.Transfer;

/// <summary>
/// The image encoder of the 2D SAM (`ImageEncoderViT`, Kirillov et al., arXiv 2304.02643), whose weights can be inflated to 3D.
/// Checkpoint keys equal the published ones without the `image_encoder.` prefix. Written plainly, pad tokens and all: it is what inflated
/// weights are held against.
/// </summary>
public sealed class Sam2dEncoder : Module<Tensor, Tensor>
{
    private readonly Sam2dPatchEmbedding patch_embed;
    private readonly Parameter pos_embed;
    private readonly ModuleList<Sam2dBlock> blocks;
    private readonly Sam2dNeck neck;

    /// <summary>Fresh weights; position tables start at zero, as published.</summary>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public Sam2dEncoder(Sam2dEncoderOptions options)
        : base(nameof(Sam2dEncoder))
    {
        ArgumentNullException.ThrowIfNull(options);
        Options = options.Validated();
        patch_embed = new Sam2dPatchEmbedding(options);
        pos_embed = new Parameter(zeros(1, options.GridSize, options.GridSize, options.EmbeddingWidth));
        blocks = new ModuleList<Sam2dBlock>(
            [.. Enumerable.Range(0, options.BlockCount).Select(block => new Sam2dBlock(options, options.IsGlobal(block)))]);
        neck = new Sam2dNeck(options.EmbeddingWidth, options.OutputChannels);
        RegisterComponents();
        if (options.HasAdapters)
            foreach (var (name, parameter) in named_parameters())
                parameter.requires_grad = name.Contains(".Adapter.", StringComparison.Ordinal);
    }

    /// <summary>What this encoder was built with.</summary>
    public Sam2dEncoderOptions Options { get; }

    /// <summary>The image embedding that SAM's mask decoder takes.</summary>
    /// <param name="image">[N, C, H, W], normalised, of the size that the encoder is built for.</param>
    /// <returns>[N, <see cref="Sam2dEncoderOptions.OutputChannels"/>, H/P, W/P]; the caller owns it.</returns>
    /// <exception cref="ArgumentException">The image has another shape.</exception>
    public override Tensor forward(Tensor image)
    {
        using var scope = NewDisposeScope();
        var tokens = Embed(image);
        foreach (var block in blocks)
            tokens = block.call(tokens);
        return neck.call(tokens).MoveToOuterDisposeScope();
    }

    /// <summary>Tokens of the image with their positions: [N, H/P, W/P, C], the input of block 0.</summary>
    internal Tensor Embed(Tensor image)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (image.shape is not [_, var channels, var rows, var columns]
            || channels != Options.InputChannels || rows != Options.ImageSize || columns != Options.ImageSize)
            throw new ArgumentException(
                $"Expected an image [N, {Options.InputChannels}, {Options.ImageSize}, {Options.ImageSize}], got [{string.Join(", ", image.shape)}]; "
                + "resize and pad it, or set ImageSize.", nameof(image));
        using var scope = NewDisposeScope();
        return (patch_embed.call(image) + pos_embed).MoveToOuterDisposeScope();
    }

    internal IReadOnlyList<Sam2dBlock> Blocks => [.. blocks];
}
