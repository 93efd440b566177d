namespace SamMed3D.Transfer;

/// <summary>How intensities are brought to one scale.</summary>
internal static class NormalizationPlan
{
    /// <summary>An image with fewer voxels above 0 has no background of 0 to leave out.</summary>
    private const double FewestPositive = 0.05;

    public static (Normalization Normalization, string Reason) Of(IReadOnlyList<string> channelNames, DatasetFingerprint fingerprint, bool usesReleasedWeights)
    {
        string names = string.Join(", ", channelNames);
        if (usesReleasedWeights)
            return (Normalization.ZScorePositive, "SAM-Med3D's weights were trained so, whatever the modality: mean and deviation of the voxels above 0");
        if (channelNames.All(Modality.IsCt))
            return (Normalization.CtClip, FormattableString.Invariant(
                $"{names} has a scale of its own (HU): clipped to the 0.5 and 99.5 percentiles of the labelled voxels ({fingerprint.Intensities[0].Percentile00_5:0} to {fingerprint.Intensities[0].Percentile99_5:0} here; each run takes those of its own training cases), then their mean and deviation"));
        if (fingerprint.Cases.Any(one => one.PositiveShare < FewestPositive))
            return (Normalization.ZScore, $"{names}: some images have hardly a voxel above 0, so the mean and deviation of the whole image");
        return (Normalization.ZScorePositive, channelNames.Any(Modality.IsCt)
            ? $"{names}: not all have a scale of their own, and one rule is for all channels: each image by its voxels above 0"
            : $"{names} has no scale of its own: each image by the mean and deviation of its voxels above 0, since 0 is background");
    }
}
