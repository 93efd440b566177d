namespace SamMed3D.Transfer;

/// <summary>The mean of a metric over cases.</summary>
/// <param name="Value">The mean of the finite values; NaN when there are none.</param>
/// <param name="Count">How many finite values there are.</param>
/// <param name="InfiniteCount">Cases with the structure in truth or prediction alone, whose distance is infinite: not in the mean, but to be told beside it.</param>
public readonly record struct MetricMean(double Value, int Count, int InfiniteCount)
{
    /// <summary>Takes the mean; undefined values (NaN) do not count at all.</summary>
    internal static MetricMean Of(IEnumerable<double> values)
    {
        var known = values.Where(value => !double.IsNaN(value)).ToList();
        var finite = known.Where(double.IsFinite).ToList();
        return new MetricMean(ScoreMean.Of(finite), finite.Count, known.Count - finite.Count);
    }
}
