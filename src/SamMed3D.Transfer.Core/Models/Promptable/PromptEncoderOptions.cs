namespace SamMed3D.Transfer;

/// <summary>Size of <see cref="PromptEncoder"/>. The defaults are SAM-Med3D's.</summary>
public sealed record PromptEncoderOptions
{
    /// <summary>Voxels of the image that prompts are placed in.</summary>
    public Size3 ImageSize { get; init; } = 128;

    /// <summary>Voxels of the image per cell of its embedding, along each axis.</summary>
    public int PatchSize { get; init; } = 16;

    /// <summary>Channels of every embedding; a multiple of 3, as positions are encoded in three parts.</summary>
    public int Width { get; init; } = 384;

    /// <summary>Channels inside the mask's convolutions; a multiple of 4.</summary>
    public int MaskChannels { get; init; } = 16;

    /// <summary>
    /// Whether there are learned embeddings of a box's two corners (point_embeddings.2 and .3, as in the 2D SAM). The published model has
    /// none.
    /// </summary>
    public bool HasBoxEmbeddings { get; init; }

    /// <summary>Cells of the image embedding along each axis.</summary>
    public Size3 Grid => new(ImageSize.X / PatchSize, ImageSize.Y / PatchSize, ImageSize.Z / PatchSize);

    /// <summary>Size of mask prompts and of predicted masks: four for each cell of the grid.</summary>
    public Size3 MaskSize => new(4 * Grid.X, 4 * Grid.Y, 4 * Grid.Z);

    /// <summary>These options, when they make sense.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public PromptEncoderOptions Validated()
    {
        if (PatchSize < 1)
            throw new ArgumentException($"PatchSize is {PatchSize}; it must be at least 1.");
        for (int axis = 0; axis < 3; axis++)
            if (ImageSize[axis] < PatchSize || ImageSize[axis] % PatchSize != 0)
                throw new ArgumentException($"ImageSize {ImageSize} is not a multiple of PatchSize {PatchSize} along each axis.");
        if (Width < 3 || Width % 3 != 0)
            throw new ArgumentException($"Width is {Width}, but positions are encoded in three equal parts: use a multiple of 3.");
        if (MaskChannels < 4 || MaskChannels % 4 != 0)
            throw new ArgumentException($"MaskChannels is {MaskChannels}; use a multiple of 4.");
        return this;
    }
}
