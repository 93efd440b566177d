namespace SamMed3D.Transfer;

/// <summary>The spacing that all cases are brought to.</summary>
internal static class SpacingPlan
{
    /// <summary>What SAM-Med3D's released weights were trained at, in mm.</summary>
    public const double Released = 1.5;

    /// <summary>How much coarser than the finest axis the coarsest must be to count as thick slices.</summary>
    private const double ThickSlices = 3;

    /// <summary>
    /// The median of each axis: half of the cases lose detail, half gain none. Where slices are thick (the coarsest axis more than three times the finest, and
    /// with less than a third of its voxels), the median would blur the sharper scans: there the 10th percentile of that axis is taken, but nothing finer than
    /// the next coarser axis. These are nnU-Net's rules (Isensee et al. 2021).
    /// </summary>
    public static (Double3 Spacing, string Reason) Of(DatasetFingerprint fingerprint, bool usesReleasedWeights)
    {
        if (usesReleasedWeights)
            return (new Double3(Released, Released, Released), "SAM-Med3D's weights were trained on voxels of 1.5 mm");
        double[] spacing = [.. Enumerable.Range(0, 3).Select(axis => fingerprint.MedianSpacing[axis])];
        double[] size = [.. Enumerable.Range(0, 3).Select(axis => RobustRange.MedianOf([.. fingerprint.Cases.Select(one => (double)one.Size[axis])]))];
        int thick = Array.IndexOf(spacing, spacing.Max());
        double finest = spacing.Min(), coarsestOther = spacing.Where((_, axis) => axis != thick).Max();
        double fewestOther = size.Where((_, axis) => axis != thick).Min();
        if (!(spacing[thick] > ThickSlices * finest && size[thick] * ThickSlices < fewestOther))
            return (Rounded(spacing), "the median of the training cases on each axis");
        double[] along = [.. fingerprint.Cases.Select(one => one.Spacing[thick]).Order()];
        double place = 0.1 * (along.Length - 1);
        int low = (int)place;
        double tenth = along[low] + (place - low) * (along[Math.Min(low + 1, along.Length - 1)] - along[low]);
        spacing[thick] = Math.Max(tenth, coarsestOther);
        return (Rounded(spacing), FormattableString.Invariant(
            $"the median of the training cases; slices are thick, so along axis {"XYZ"[thick]} the 10th percentile, lest the sharper scans are blurred"));
    }

    /// <summary>A thousandth of a mm is less than any scanner's accuracy; the file reads better.</summary>
    private static Double3 Rounded(double[] spacing) => new(Math.Round(spacing[0], 3), Math.Round(spacing[1], 3), Math.Round(spacing[2], 3));
}
