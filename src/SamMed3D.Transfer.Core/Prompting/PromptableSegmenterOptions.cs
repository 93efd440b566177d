namespace SamMed3D.Transfer;

/// <summary>How <see cref="PromptableSegmenter"/> prepares an image and follows objects beyond one patch. The defaults fit the released weights.</summary>
public sealed record PromptableSegmenterOptions
{
    /// <summary>Spacing that images are resampled to, in mm. 1.5 is what the released weights were trained with.</summary>
    public Double3 Spacing { get; init; } = 1.5;

    /// <summary>
    /// Patches for one object at most: where the object reaches the edge of a patch, another one is looked at that way, overlapping the
    /// first by half. 1 stays in the first patch.
    /// </summary>
    public int PatchLimit { get; init; } = 27;

    /// <summary>These options, when they make sense.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public PromptableSegmenterOptions Validated()
    {
        if (!(Spacing.X > 0 && Spacing.Y > 0 && Spacing.Z > 0 && double.IsFinite(Spacing.X + Spacing.Y + Spacing.Z)))
            throw new ArgumentException($"Expected a Spacing above 0 mm on each axis, got {Spacing}.");
        if (PatchLimit < 1)
            throw new ArgumentException($"PatchLimit is {PatchLimit}; it must be at least 1.");
        return this;
    }
}
