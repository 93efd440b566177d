namespace SamMed3D.Transfer;

/// <summary>Prompts as tensors, a row for each object. It owns nothing: the tensors stay the caller's.</summary>
public sealed record PromptBatch
{
    /// <summary>[N, P, 3], voxels of the model's image along X, Y, Z (the centre of the first is 0); null for none. Any number type.</summary>
    public Tensor? Points { get; init; }

    /// <summary>[N, P]: 1 foreground, 0 background, -1 no point at all. Any number type; there where <see cref="Points"/> are.</summary>
    public Tensor? Labels { get; init; }

    /// <summary>[N, B, 2, 3], the lowest and the highest corner of each box in voxels; null for none. Only with learned box embeddings.</summary>
    public Tensor? Boxes { get; init; }

    /// <summary>[N, 1, 4X', 4Y', 4Z'], logits, four for each cell of the image embedding; null for none, which is not the same as all 0.</summary>
    public Tensor? Masks { get; init; }

    /// <summary>Points alone, with a mask or without.</summary>
    public static PromptBatch Of(Tensor points, Tensor labels, Tensor? masks = null) => new() { Points = points, Labels = labels, Masks = masks };

    /// <summary>A mask alone.</summary>
    public static PromptBatch OfMasks(Tensor masks) => new() { Masks = masks };
}
