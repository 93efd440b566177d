namespace SamMed3D.Transfer;

/// <summary>The weight of each voxel of a window when overlapping windows are averaged.</summary>
public static class WindowImportance
{
    /// <summary>MONAI's lower bound, which keeps the sum of weights away from 0 in the corners.</summary>
    private const double Smallest = 1e-3;

    /// <summary>The weights of one window; the Gaussian is exp(-t^2 / (2 (sigmaScale * extent)^2)) along each axis, t from the middle.</summary>
    /// <returns>[X, Y, Z], float32, on the CPU; the caller owns it.</returns>
    public static Tensor Create(SlidingWindowOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var window = options.Window;
        if (options.Blend == WindowBlend.Constant)
            return ones(window.X, window.Y, window.Z);
        using var scope = NewDisposeScope();
        var importance = Profile(window.X, options.SigmaScale).view(-1, 1, 1)
            * Profile(window.Y, options.SigmaScale).view(1, -1, 1)
            * Profile(window.Z, options.SigmaScale).view(1, 1, -1);
        double floor = Math.Max(importance.min().item<float>(), Smallest);
        return importance.clamp(min: floor).MoveToOuterDisposeScope();
    }

    private static Tensor Profile(int extent, double sigmaScale)
    {
        double sigma = sigmaScale * extent;
        double middle = (extent - 1) / 2.0;
        return tensor(Enumerable.Range(0, extent).Select(i => (float)Math.Exp(-(i - middle) * (i - middle) / (2 * sigma * sigma))).ToArray());
    }
}
