namespace SamMed3D.Transfer;

/// <summary>What is done to an image before the network sees it: the same for training and for prediction. RAS+ order always.</summary>
public sealed record PreprocessingOptions
{
    /// <summary>Spacing in mm along left-right, back-front, feet-head; null keeps each image's own. The released weights expect 1.5 mm.</summary>
    public Double3? Spacing { get; init; }

    /// <summary>How intensities are scaled.</summary>
    public Normalization Normalization { get; init; } = Normalization.ZScorePositive;

    /// <summary>
    /// For <see cref="Normalization.CtClip"/>: the training set's intensities, one for each channel or one for all. A run computes them with
    /// <see cref="DatasetStatistics"/> where they are not given, and keeps them in its resolved experiment file.
    /// </summary>
    public IReadOnlyList<IntensityStatistics>? Statistics { get; init; }

    /// <summary>These options, when they make sense.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public PreprocessingOptions Validated()
    {
        if (Spacing is { } spacing && !(spacing.X > 0 && spacing.Y > 0 && spacing.Z > 0 && double.IsFinite(spacing.X + spacing.Y + spacing.Z)))
            throw new ArgumentException($"Expected a Spacing above 0 mm on each axis, got {spacing}.");
        if (!Enum.IsDefined(Normalization))
            throw new ArgumentException($"Expected a Normalization of {string.Join(", ", Enum.GetNames<Normalization>())}, got {Normalization}.");
        return this;
    }
}
