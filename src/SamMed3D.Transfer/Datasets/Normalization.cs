namespace SamMed3D.Transfer;

/// <summary>How intensities are brought to a common scale; see <see cref="IntensityNormalization"/> for the formulas.</summary>
public enum Normalization
{
    /// <summary>SAM-Med3D's: mean and deviation of the voxels above 0. For MR, and what the released weights were trained with.</summary>
    ZScorePositive,

    /// <summary>nnU-Net's for images without a physical scale, such as MR: mean and deviation of the whole image.</summary>
    ZScore,

    /// <summary>nnU-Net's for CT: clipped to the data set's percentiles, then its mean and deviation. Needs <see cref="PreprocessingOptions.Statistics"/>.</summary>
    CtClip,

    /// <summary>Values stay as they are: for regions that are normalised one by one (<see cref="TargetRegions"/>).</summary>
    None,

    /// <summary>The least value of the image becomes 0, the greatest 1.</summary>
    Rescale01,
}
