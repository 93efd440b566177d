namespace SamMed3D.Transfer;

/// <summary>Turns points, boxes and masks into embeddings: SAM-Med3D's `PromptEncoder3D`, with the published keys.</summary>
/// <remarks>
/// As published: a padding point is always appended to points, no mask differs from a mask of zeros, and the dense position encoding has
/// its first two axes swapped, that of points has not. Boxes are as in the 2D SAM (the published 3D code cannot run them).
/// </remarks>
public sealed class PromptEncoder : Module<PromptBatch, PromptEmbeddings>
{
    private const int PublishedPointKinds = 2, PointKindsWithCorners = 4;

    private readonly RandomPositionEncoding pe_layer;
    private readonly ModuleList<Embedding> point_embeddings;
    private readonly Embedding not_a_point_embed;
    private readonly MaskDownscaling mask_downscaling;
    private readonly Embedding no_mask_embed;

    /// <summary>Fresh weights.</summary>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public PromptEncoder(PromptEncoderOptions options)
        : base(nameof(PromptEncoder))
    {
        ArgumentNullException.ThrowIfNull(options);
        Options = options.Validated();
        pe_layer = new RandomPositionEncoding(options.Width);
        int pointKinds = options.HasBoxEmbeddings ? PointKindsWithCorners : PublishedPointKinds;
        point_embeddings = new ModuleList<Embedding>([.. Enumerable.Range(0, pointKinds).Select(_ => Embedding(1, options.Width))]);
        not_a_point_embed = Embedding(1, options.Width);
        mask_downscaling = new MaskDownscaling(options.MaskChannels, options.Width);
        no_mask_embed = Embedding(1, options.Width);
        RegisterComponents();
    }

    /// <summary>What this was built with.</summary>
    public PromptEncoderOptions Options { get; }

    /// <summary>The positions of the image embedding's cells, which the mask decoder takes.</summary>
    /// <returns>[1, C, X', Y', Z']; the caller owns it.</returns>
    public Tensor DensePositions() => pe_layer.OfGrid(Options.Grid);

    /// <param name="prompts">What was prompted; nothing at all is one object without prompts.</param>
    /// <returns>The embeddings; the caller owns them.</returns>
    /// <exception cref="ArgumentException">Shapes do not fit, or there are boxes but no learned embeddings for them.</exception>
    public override PromptEmbeddings forward(PromptBatch prompts)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        long count = RequireCount(prompts);
        using var scope = NewDisposeScope();
        var weight = no_mask_embed.weight!;
        var tokens = new List<Tensor>();
        if (prompts.Points is { } points)
            // A padding point only where no box ends the list, as in SAM.
            tokens.Add(EmbedPoints(points, prompts.Labels!, isPadded: prompts.Boxes is null));
        if (prompts.Boxes is { } boxes)
            tokens.Add(EmbedBoxes(boxes));
        var sparse = tokens.Count switch
        {
            0 => zeros(count, 0, Options.Width, dtype: weight.dtype, device: weight.device),
            1 => tokens[0],
            _ => cat(tokens, 1),
        };
        var grid = Options.Grid;
        var dense = prompts.Masks is { } masks
            ? mask_downscaling.call(masks.to(weight.dtype))
            : weight.view(1, -1, 1, 1, 1).expand(count, -1, grid.X, grid.Y, grid.Z);
        return new PromptEmbeddings(sparse.MoveToOuterDisposeScope(), dense.MoveToOuterDisposeScope());
    }

    /// <summary>[N, P, 3] and [N, P] to [N, P, C], or [N, P + 1, C] with the padding point.</summary>
    private Tensor EmbedPoints(Tensor points, Tensor labels, bool isPadded)
    {
        using var scope = NewDisposeScope();
        var encoded = pe_layer.call(Relative(points));
        var kinds = labels.to(ScalarType.Int64, encoded.device).unsqueeze(-1);
        if (isPadded)
        {
            encoded = functional.pad(encoded, [0, 0, 0, 1]);
            kinds = functional.pad(kinds, [0, 0, 0, 1], value: -1);
        }

        // What is no point has no position either, whatever its coordinates say.
        var nowhere = zeros([], encoded.dtype, encoded.device);
        var result = where(kinds == -1, not_a_point_embed.weight!, encoded);
        for (int kind = 0; kind < PublishedPointKinds; kind++)
            result = result + where(kinds == kind, point_embeddings[kind].weight!, nowhere);
        return result.MoveToOuterDisposeScope();
    }

    /// <summary>[N, B, 2, 3] to [N, 2B, C].</summary>
    private Tensor EmbedBoxes(Tensor boxes)
    {
        using var scope = NewDisposeScope();
        var corners = pe_layer.call(Relative(boxes)) + stack([point_embeddings[2].weight!, point_embeddings[3].weight!], 1);
        return corners.flatten(1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>Voxels to shares of the image; the centre of a voxel is half a voxel inside it.</summary>
    private Tensor Relative(Tensor voxels)
    {
        using var scope = NewDisposeScope();
        var weight = no_mask_embed.weight!;
        var size = tensor(new double[] { Options.ImageSize.X, Options.ImageSize.Y, Options.ImageSize.Z }, weight.dtype, weight.device);
        return ((voxels.to(weight.dtype, weight.device) + 0.5) / size).MoveToOuterDisposeScope();
    }

    private long RequireCount(PromptBatch prompts)
    {
        if ((prompts.Points is null) != (prompts.Labels is null))
            throw new ArgumentException("Points and Labels come together; one of them is missing.", nameof(prompts));
        if (prompts.Boxes is not null && !Options.HasBoxEmbeddings)
            throw new ArgumentException(
                "These weights have no learned embeddings of boxes (SAM-Med3D has none); give clicks in their place.", nameof(prompts));
        var counts = new List<long>();
        if (prompts.Points is { } points)
        {
            long[]? pair = points.shape is [var n, var p, 3] ? [n, p] : null;
            Require(pair is not null && prompts.Labels!.shape.SequenceEqual(pair), "points [N, P, 3] with labels [N, P]",
                $"[{string.Join(", ", points.shape)}] with [{string.Join(", ", prompts.Labels!.shape)}]");
            counts.Add(points.shape[0]);
        }

        if (prompts.Boxes is { } boxes)
        {
            Require(boxes.shape is [_, _, 2, 3], "boxes [N, B, 2, 3]", $"[{string.Join(", ", boxes.shape)}]");
            counts.Add(boxes.shape[0]);
        }

        if (prompts.Masks is { } masks)
        {
            var size = Options.MaskSize;
            Require(masks.shape is [_, 1, var x, var y, var z] && x == size.X && y == size.Y && z == size.Z,
                $"masks [N, 1, {size.X}, {size.Y}, {size.Z}]", $"[{string.Join(", ", masks.shape)}]");
            counts.Add(masks.shape[0]);
        }

        Require(counts.Distinct().Count() <= 1, "prompts for equally many objects", string.Join(", ", counts));
        return counts.Count == 0 ? 1 : counts[0];

        void Require(bool holds, string expected, string actual)
        {
            if (!holds)
                throw new ArgumentException($"Expected {expected}, got {actual}.", nameof(prompts));
        }
    }
}
