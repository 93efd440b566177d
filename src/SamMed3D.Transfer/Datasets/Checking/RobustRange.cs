namespace SamMed3D.Transfer;

/// <summary>What is usual among some values: the median, and how far off it a value may lie. A few odd values move neither.</summary>
/// <param name="Median">The middle value.</param>
/// <param name="Reach">The greatest distance from it that is usual.</param>
internal readonly record struct RobustRange(double Median, double Reach)
{
    /// <summary>With fewer values nothing is called unusual.</summary>
    public const int FewestValues = 4;

    /// <summary>The median absolute deviation of a normal distribution times this is its standard deviation.</summary>
    private const double NormalScale = 1.4826;

    /// <summary>Five robust standard deviations, but never less than <paramref name="leastReach"/>.</summary>
    public static RobustRange Of(IReadOnlyCollection<double> values, double leastReach)
    {
        if (values.Count < FewestValues)
            return new RobustRange(0, double.PositiveInfinity);
        double median = MedianOf(values);
        return new RobustRange(median, Math.Max(leastReach, 5 * NormalScale * MedianOf([.. values.Select(value => Math.Abs(value - median))])));
    }

    public bool Holds(double value) => !(Math.Abs(value - Median) > Reach);

    public static double MedianOf(IReadOnlyCollection<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
