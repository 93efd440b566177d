namespace SamMed3D.Transfer;

/// <summary>One axis of a chart.</summary>
/// <param name="Label">What it shows, with its unit.</param>
/// <param name="Lowest">Its lower end.</param>
/// <param name="Highest">Its upper end.</param>
/// <param name="Ticks">Places with their texts.</param>
internal sealed record ChartAxis(string Label, double Lowest, double Highest, IReadOnlyList<(double Place, string Text)> Ticks)
{
    /// <summary>An axis of numbers around values, with round ticks.</summary>
    public static ChartAxis Around(string label, IEnumerable<double> values, double? lowest = null, double? highest = null)
    {
        double[] finite = [.. values.Where(double.IsFinite)];
        double low = finite.DefaultIfEmpty(0).Min(), high = finite.DefaultIfEmpty(1).Max();
        double margin = high > low ? 0.06 * (high - low) : Math.Max(0.5, Math.Abs(high) * 0.05);
        low = Math.Max(low - margin, lowest ?? double.NegativeInfinity);
        high = Math.Min(high + margin, highest ?? double.PositiveInfinity);
        if (!(high > low))
            (low, high) = (low - 0.5, low + 0.5);
        double step = RoundStep((high - low) / 8);
        var ticks = new List<(double, string)>();
        for (double tick = Math.Ceiling(low / step - 1e-9) * step; tick <= high + step * 1e-9; tick += step)
            ticks.Add((Math.Abs(tick) < step * 1e-9 ? 0 : tick, Markup.Number(tick, step < 0.1 ? "0.00" : step < 1 ? "0.0" : "0")));
        return new ChartAxis(label, low, high, ticks);
    }

    /// <summary>An axis of rows, the first on top.</summary>
    public static ChartAxis Rows(IReadOnlyList<string> names) => new(
        "", -names.Count + 0.5, 0.5, [.. names.Select((name, row) => (-(double)row, name))]);

    private static double RoundStep(double rough)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return power * (rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
    }
}
