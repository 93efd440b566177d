namespace SamMed3D.Transfer;

/// <summary>The typical difference that goes with the signed-rank test: Hodges and Lehmann, "Estimates of location based on rank tests" (1963).</summary>
public static class HodgesLehmann
{
    /// <summary>The median of the means of all pairs of values, each value with itself included; NaN without values.</summary>
    /// <param name="values">Finite values.</param>
    /// <exception cref="ArgumentException">A value is not finite.</exception>
    public static double Estimate(IReadOnlyList<double> values)
    {
        Differences.RequireFinite(values);
        int n = values.Count;
        if (n == 0)
            return double.NaN;
        var means = new double[n * (n + 1) / 2];
        int filled = 0;
        for (int i = 0; i < n; i++)
            for (int k = i; k < n; k++)
                means[filled++] = (values[i] + values[k]) / 2;
        Array.Sort(means);
        return (means[(means.Length - 1) / 2] + means[means.Length / 2]) / 2;
    }
}
