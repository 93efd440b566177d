namespace SamMed3D.Transfer;

/// <summary>What the tests and intervals ask of the values they are given.</summary>
internal static class Differences
{
    /// <summary>Decimals that count: below them is rounding of sums, which must neither break a tie nor make a zero different from zero.</summary>
    public const int Decimals = 10;

    public static void RequireFinite(IReadOnlyList<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        for (int i = 0; i < values.Count; i++)
            if (!double.IsFinite(values[i]))
                throw new ArgumentException($"Expected finite values, got {values[i]} at place {i}; leave out cases without a score first.", nameof(values));
    }

    public static double Rounded(double value) => Math.Abs(value) < 1e4 ? Math.Round(value, Decimals) : value;

    public static bool AreAllEqual(IReadOnlyList<double> values) => values.All(value => Rounded(value - values[0]) == 0);
}
