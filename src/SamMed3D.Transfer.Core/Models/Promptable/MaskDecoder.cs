namespace SamMed3D.Transfer;

/// <summary>
/// Predicts masks, and how good they are, from an image embedding and prompts: SAM-Med3D's `MaskDecoder3D`, with the published keys.
/// </summary>
public sealed class MaskDecoder : Module<Tensor, Tensor, PromptEmbeddings, bool, MaskPrediction>
{
    private readonly TwoWayTransformer transformer;
    private readonly Embedding iou_token;
    private readonly Embedding mask_tokens;
    private readonly OutputUpscaling output_upscaling;
    private readonly ModuleList<ReluMlp> output_hypernetworks_mlps;
    private readonly ReluMlp iou_prediction_head;

    /// <summary>Fresh weights.</summary>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public MaskDecoder(MaskDecoderOptions options)
        : base(nameof(MaskDecoder))
    {
        ArgumentNullException.ThrowIfNull(options);
        Options = options.Validated();
        int maskCount = options.AlternativeCount + 1, width = options.Width;
        transformer = new TwoWayTransformer(options);
        iou_token = Embedding(1, width);
        mask_tokens = Embedding(maskCount, width);
        output_upscaling = new OutputUpscaling(width);
        output_hypernetworks_mlps = new ModuleList<ReluMlp>(
            [.. Enumerable.Range(0, maskCount).Select(_ => new ReluMlp(width, width, width / 8, 3))]);
        iou_prediction_head = new ReluMlp(width, options.IouHeadWidth, maskCount, options.IouHeadDepth);
        RegisterComponents();
    }

    /// <summary>What this was built with.</summary>
    public MaskDecoderOptions Options { get; }

    /// <param name="imageEmbedding">[N, C, X, Y, Z], or [1, C, X, Y, Z] for N objects in one image.</param>
    /// <param name="positions">[1, C, X, Y, Z], <see cref="PromptEncoder.DensePositions"/>.</param>
    /// <param name="prompts">The prompts of N objects.</param>
    /// <param name="wantsAlternatives">Whether to give the alternative masks in place of the single one.</param>
    /// <returns>[N, M, 4X, 4Y, 4Z] and [N, M], M = 1 or the number of alternatives; the caller owns them.</returns>
    /// <exception cref="ArgumentException">Shapes do not belong together, or there are no alternatives.</exception>
    public override MaskPrediction forward(Tensor imageEmbedding, Tensor positions, PromptEmbeddings prompts, bool wantsAlternatives)
    {
        Require(imageEmbedding, positions, prompts);
        if (wantsAlternatives && Options.AlternativeCount == 0)
            throw new ArgumentException("This decoder has no alternative masks; ask for the single one.", nameof(wantsAlternatives));
        using var scope = NewDisposeScope();
        var image = imageEmbedding + prompts.Dense;
        var (n, x, y, z) = (image.shape[0], image.shape[2], image.shape[3], image.shape[4]);
        var tokens = cat([cat([iou_token.weight!, mask_tokens.weight!]).unsqueeze(0).expand(n, -1, -1), prompts.Sparse], 1);

        var (refined, seen) = transformer.call(Cells(image), Cells(positions), tokens);
        var upscaled = output_upscaling.call(seen.view(n, x, y, z, -1));
        // All of them, so that in training those not asked for get gradients of 0, as published; they cost next to nothing.
        var masks = stack(output_hypernetworks_mlps.Select((mlp, mask) => mlp.call(refined.select(1, 1 + mask))), 1);
        var qualities = iou_prediction_head.call(refined.select(1, 0));
        var (first, count) = wantsAlternatives ? (1, Options.AlternativeCount) : (0, 1);
        return new MaskPrediction(
            matmul(masks.narrow(1, first, count), upscaled.flatten(1, 3).transpose(1, 2)).view(n, count, 4 * x, 4 * y, 4 * z)
                .MoveToOuterDisposeScope(),
            qualities.narrow(1, first, count).MoveToOuterDisposeScope());
    }

    internal TwoWayTransformer Transformer => transformer;

    internal OutputUpscaling Upscaling => output_upscaling;

    /// <summary>[N, C, X, Y, Z] to [N, X·Y·Z, C].</summary>
    private static Tensor Cells(Tensor grid)
    {
        using var flat = grid.flatten(2);
        return flat.transpose(1, 2);
    }

    private void Require(Tensor imageEmbedding, Tensor positions, PromptEmbeddings prompts)
    {
        ArgumentNullException.ThrowIfNull(imageEmbedding);
        ArgumentNullException.ThrowIfNull(positions);
        ArgumentNullException.ThrowIfNull(prompts);
        string Text(Tensor values) => $"[{string.Join(", ", values.shape)}]";
        if (imageEmbedding.shape is not [var images, var width, _, _, _] || width != Options.Width)
            throw new ArgumentException($"Expected an image embedding [N, {Options.Width}, X, Y, Z], got {Text(imageEmbedding)}.", nameof(imageEmbedding));
        if (positions.ndim != 5 || positions.shape[0] != 1 || !HaveOneGrid(positions, imageEmbedding))
            throw new ArgumentException(
                $"Expected positions [1, C, X, Y, Z] like the image embedding {Text(imageEmbedding)}, got {Text(positions)}.", nameof(positions));
        if (prompts.Dense.ndim != 5 || !HaveOneGrid(prompts.Dense, imageEmbedding)
            || prompts.Sparse.shape is not [var objects, _, var tokenWidth] || objects != prompts.Dense.shape[0] || tokenWidth != width)
            throw new ArgumentException(
                $"Prompts of {Text(prompts.Sparse)} and {Text(prompts.Dense)} do not fit the image embedding {Text(imageEmbedding)}.", nameof(prompts));
        if (images != 1 && images != objects)
            throw new ArgumentException($"Expected one image, or one for each of the {objects} objects, got {images}.", nameof(imageEmbedding));
    }

    private static bool HaveOneGrid(Tensor one, Tensor other) => one.shape.Skip(1).SequenceEqual(other.shape.Skip(1));
}
