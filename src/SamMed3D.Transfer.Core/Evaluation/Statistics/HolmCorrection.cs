namespace SamMed3D.Transfer;

/// <summary>Keeps the chance of any false claim among several tests at its level: Holm, "A simple sequentially rejective multiple test procedure" (1979).</summary>
public static class HolmCorrection
{
    /// <summary>Adjusted p values, in the given order; each may be compared with the level itself.</summary>
    /// <param name="pValues">p values from 0 to 1; NaN marks a test that could not be made, which stays NaN and does not count.</param>
    /// <exception cref="ArgumentException">A value is outside 0 to 1.</exception>
    public static double[] Adjust(IReadOnlyList<double> pValues)
    {
        ArgumentNullException.ThrowIfNull(pValues);
        if (pValues.FirstOrDefault(p => p is < 0 or > 1) is var wrong && wrong != 0)
            throw new ArgumentException($"Expected p values from 0 to 1, got {wrong}.", nameof(pValues));
        int[] order = [.. Enumerable.Range(0, pValues.Count).Where(i => !double.IsNaN(pValues[i])).OrderBy(i => pValues[i])];
        double[] adjusted = [.. Enumerable.Repeat(double.NaN, pValues.Count)];
        double largest = 0;
        for (int place = 0; place < order.Length; place++)
            adjusted[order[place]] = largest = Math.Max(largest, Math.Min(1, (order.Length - place) * pValues[order[place]]));
        return adjusted;
    }
}
