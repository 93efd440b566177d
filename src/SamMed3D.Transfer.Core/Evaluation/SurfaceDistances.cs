namespace SamMed3D.Transfer;

/// <summary>
/// Distances between the surfaces of two masks, both ways, in mm. Where one mask is empty, distances are infinite; where both are, there
/// is nothing to measure and every result is NaN.
/// </summary>
public sealed class SurfaceDistances
{
    /// <summary>What is within a tolerance is not lost by the rounding of a square root.</summary>
    private const double Rounding = 1 + 1e-9;

    private readonly SurfaceConvention _convention;
    private readonly (double[] Distances, double[] Weights) _truth, _prediction;

    private SurfaceDistances(SurfaceConvention convention, (double[], double[]) truth, (double[], double[]) prediction)
    {
        _convention = convention;
        _truth = truth;
        _prediction = prediction;
        TruthArea = _truth.Weights.Sum();
        PredictionArea = _prediction.Weights.Sum();
    }

    /// <summary>Elements of the true surface: corners, or border voxels.</summary>
    public int TruthElements => _truth.Distances.Length;

    /// <summary>Elements of the predicted surface.</summary>
    public int PredictionElements => _prediction.Distances.Length;

    /// <summary>The true surface in mm2; with border voxels their number.</summary>
    public double TruthArea { get; }

    /// <summary>The predicted surface in mm2; with border voxels their number.</summary>
    public double PredictionArea { get; }

    /// <summary>Hausdorff distance: the largest distance of either surface to the other.</summary>
    public double Hausdorff => Larger(Largest(_truth.Distances), Largest(_prediction.Distances));

    /// <summary>HD95: the 95th percentile of each surface's distances, then the larger of the two.</summary>
    public double Hausdorff95 => Larger(Percentile95(_truth), Percentile95(_prediction));

    /// <summary>Mean distance of the true surface to the predicted one.</summary>
    public double MeanTruthToPrediction => Sum(_truth) / TruthArea;

    /// <summary>Mean distance of the predicted surface to the true one.</summary>
    public double MeanPredictionToTruth => Sum(_prediction) / PredictionArea;

    /// <summary>Average symmetric surface distance: the mean over both surfaces together.</summary>
    public double Mean => (Sum(_truth) + Sum(_prediction)) / (TruthArea + PredictionArea);

    /// <summary>NSD or surface Dice: the part of both surfaces that lies within a tolerance of the other one, from 0 to 1.</summary>
    /// <param name="tolerance">In mm.</param>
    public double SurfaceDice(double tolerance) => (Within(_truth, tolerance) + Within(_prediction, tolerance)) / (TruthArea + PredictionArea);

    /// <summary>The part of the true surface that lies within a tolerance of the predicted one, from 0 to 1.</summary>
    /// <param name="tolerance">In mm.</param>
    public double TruthOverlap(double tolerance) => Within(_truth, tolerance) / TruthArea;

    /// <summary>The part of the predicted surface that lies within a tolerance of the true one, from 0 to 1.</summary>
    /// <param name="tolerance">In mm.</param>
    public double PredictionOverlap(double tolerance) => Within(_prediction, tolerance) / PredictionArea;

    /// <summary>Measures, in time linear in the voxels of the box that holds both masks.</summary>
    /// <param name="truth">[X, Y, Z] in C order: true inside. Beyond the border is outside.</param>
    /// <param name="prediction">The same.</param>
    /// <param name="size">X, Y, Z.</param>
    /// <param name="spacing">mm from voxel to voxel.</param>
    /// <param name="convention">What a surface is made of.</param>
    /// <exception cref="ArgumentException">A mask has another number of voxels than the size, or a spacing is not positive.</exception>
    public static SurfaceDistances Between(ReadOnlySpan<bool> truth, ReadOnlySpan<bool> prediction, Size3 size, Double3 spacing,
        SurfaceConvention convention = SurfaceConvention.AreaWeighted)
    {
        if (truth.Length != size.Count || prediction.Length != size.Count)
            throw new ArgumentException($"Expected {size.Count} voxels for {size}, got {truth.Length} and {prediction.Length}.");
        if (!(spacing.X > 0 && spacing.Y > 0 && spacing.Z > 0))
            throw new ArgumentException($"Spacing {spacing} is not positive.", nameof(spacing));
        if (VoxelBox.Of(truth, size).With(VoxelBox.Of(prediction, size)) is not { IsEmpty: false } box)
            return new SurfaceDistances(convention, ([], []), ([], []));
        var trueSide = SurfaceSide.Of(box.Cut(truth, size), box.Size, spacing, convention);
        var predictedSide = SurfaceSide.Of(box.Cut(prediction, size), box.Size, spacing, convention);
        return new SurfaceDistances(convention, trueSide.To(predictedSide, spacing), predictedSide.To(trueSide, spacing));
    }

    private double Percentile95((double[] Distances, double[] Weights) side) => side.Distances.Length == 0 ? double.NaN
        : _convention == SurfaceConvention.AreaWeighted ? ByArea(side) : ByRank(side.Distances);

    /// <summary>The first element at which the running area reaches 95 % of the whole.</summary>
    private static double ByArea((double[] Distances, double[] Weights) side)
    {
        double whole = side.Weights.Sum(), area = 0;
        for (var element = 0; element < side.Distances.Length; element++)
        {
            area += side.Weights[element];
            if (area / whole >= 0.95)
                return side.Distances[element];
        }

        return side.Distances[^1];
    }

    /// <summary>The percentile of NumPy: linear between the two values around it.</summary>
    private static double ByRank(double[] sorted)
    {
        double place = 0.95 * (sorted.Length - 1);
        int below = (int)place;
        double low = sorted[below], high = sorted[Math.Min(below + 1, sorted.Length - 1)];
        return double.IsPositiveInfinity(low) ? low : low + (high - low) * (place - below);
    }

    private static double Within((double[] Distances, double[] Weights) side, double tolerance)
    {
        double area = 0;
        for (var element = 0; element < side.Distances.Length && side.Distances[element] <= tolerance * Rounding; element++)
            area += side.Weights[element];
        return area;
    }

    private static double Sum((double[] Distances, double[] Weights) side)
    {
        double sum = 0;
        for (var element = 0; element < side.Distances.Length; element++)
            sum += side.Distances[element] * side.Weights[element];
        return sum;
    }

    private static double Largest(double[] sorted) => sorted.Length == 0 ? double.NaN : sorted[^1];

    /// <summary>An empty side has no distances and no say.</summary>
    private static double Larger(double one, double other) => double.IsNaN(one) ? other : double.IsNaN(other) ? one : Math.Max(one, other);
}
