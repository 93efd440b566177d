namespace SamMed3D.Transfer;

/// <summary>The mean of scores of which some say nothing.</summary>
internal static class ScoreMean
{
    /// <returns>The mean without NaN values; NaN when there are no others.</returns>
    public static double Of(IEnumerable<double> values) =>
        values.Where(value => !double.IsNaN(value)).DefaultIfEmpty(double.NaN).Average();
}
