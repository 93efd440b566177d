namespace SamMed3D.Transfer;

/// <summary>
/// How training patches are varied; what is null is left out. Rotation, scaling and bending are one interpolation; intensities are changed in the order
/// of the properties, which is nnU-Net's. Mirroring is apart (<see cref="RandomFlipOptions"/>), since it can change what a class means.
/// </summary>
public sealed record AugmentationOptions
{
    /// <summary>Turning about the middle.</summary>
    public Rotation? Rotation { get; init; }

    /// <summary>Larger or smaller.</summary>
    public Scaling? Scaling { get; init; }

    /// <summary>Smooth bending.</summary>
    public ElasticDeformation? Elastic { get; init; }

    /// <summary>Noise.</summary>
    public GaussianNoise? GaussianNoise { get; init; }

    /// <summary>Blur.</summary>
    public GaussianBlur? GaussianBlur { get; init; }

    /// <summary>A factor on all intensities.</summary>
    public Brightness? Brightness { get; init; }

    /// <summary>A factor on the distance to the mean.</summary>
    public Contrast? Contrast { get; init; }

    /// <summary>A coarser scan.</summary>
    public LowResolution? LowResolution { get; init; }

    /// <summary>A power of the intensities.</summary>
    public Gamma? Gamma { get; init; }

    /// <summary>A named set.</summary>
    public static implicit operator AugmentationOptions(AugmentationPreset preset) => FromAugmentationPreset(preset);

    /// <summary>A named set.</summary>
    public static AugmentationOptions FromAugmentationPreset(AugmentationPreset preset)
    {
        if (preset == AugmentationPreset.None)
            return new();
        var intensity = new AugmentationOptions
        {
            GaussianNoise = new(), GaussianBlur = new(), Brightness = new(), Contrast = new(), LowResolution = new(), Gamma = new(),
        };
        return preset == AugmentationPreset.Intensity ? intensity : intensity with { Rotation = new(), Scaling = new() };
    }

    /// <summary>These options, once they are known to make sense.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public AugmentationOptions Validated()
    {
        Rotation?.Validated();
        Scaling?.Validated();
        Elastic?.Validated();
        GaussianNoise?.Validated();
        GaussianBlur?.Validated();
        Brightness?.Validated();
        Contrast?.Validated();
        LowResolution?.Validated();
        Gamma?.Validated();
        return this;
    }

    /// <summary>Those that change intensities, in their order.</summary>
    internal IEnumerable<IntensityAugmentation> Intensities =>
        ((IntensityAugmentation?[])[GaussianNoise, GaussianBlur, Brightness, Contrast, LowResolution, Gamma]).OfType<IntensityAugmentation>();
}
