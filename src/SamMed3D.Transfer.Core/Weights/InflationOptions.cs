namespace SamMed3D.Transfer;

/// <summary>How the weights of a 2D SAM's image encoder become those of a 3D one. The default variant is the published one.</summary>
public sealed record InflationOptions
{
    /// <summary>How kernels fill the new axis.</summary>
    public InflationVariant Variant { get; init; } = InflationVariant.Replicate;

    /// <summary>
    /// The axis of the volume that images do not have. Of the other two the first takes the image's columns (its x-axis) and the second its rows, as slices
    /// are usually shown: with Z, an axial slice lies in the image with left to right along its columns.
    /// </summary>
    public VolumeAxis NewAxis { get; init; } = VolumeAxis.Z;

    /// <summary>
    /// Whether an encoder with <see cref="RelativePosition.Published"/> may be filled. 2D SAM's tables were trained in the textbook form, which is
    /// <see cref="RelativePosition.Decomposed"/>; in the published form they mean something else, and not even a volume of equal slices is encoded
    /// as the image was. SAM-Med3D's own comparison did it, so whoever repeats that says so here.
    /// </summary>
    public bool AllowsPublishedPositions { get; init; }

    /// <summary>Why an encoder cannot be filled with inflated weights, in half a sentence; null when it can.</summary>
    public string? WhyRefused(BackboneOptions encoder)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        const string Remedy = "(model.backbone.relativePosition: decomposed)";
        if (encoder is not EncoderOptions options)
            return "2D SAM's weights fit SAM-Med3D's kind of encoder alone, and the model has another (model.backbone.kind: sam-med3d)";
        if (!options.HasTransformer)
            return "the encoder has no transformer blocks, which nearly all of 2D SAM's weights are for";
        return options.RelativePosition switch
        {
            RelativePosition.None => $"the encoder has no relative positions, which 2D SAM was trained with; set RelativePosition to Decomposed {Remedy}",
            RelativePosition.Published when !AllowsPublishedPositions =>
                "2D SAM's relative positions are the textbook ones, and the encoder has SAM-Med3D's published form, in which its tables mean something else; "
                + $"set RelativePosition to Decomposed {Remedy}, or say that you repeat the published comparison: AllowsPublishedPositions "
                + "(start.inflation.allowsPublishedPositions: true)",
            _ => null,
        };
    }
}
