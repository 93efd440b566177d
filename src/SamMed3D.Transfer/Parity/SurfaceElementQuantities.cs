using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>The areas of all 256 surface patterns, at the stored spacings and from the stored vectors.</summary>
internal static class SurfaceElementQuantities
{
    private const double Relative = 1e-6;

    public static IEnumerable<ParityQuantity> Of(string folder, JsonElement description)
    {
        foreach (var table in description.GetProperty("area_tables").EnumerateArray())
        {
            var spacing = MetricsParity.Three(table.GetProperty("spacing_mm"));
            yield return Compare($"areas at {spacing} mm", spacing, [.. table.GetProperty("areas").EnumerateArray().Select(area => area.GetDouble())]);
        }

        var odd = new Double3(0.7, 1.3, 2.9);
        yield return Compare("areas from the element vectors", odd, [.. description.GetProperty("element_vectors").EnumerateArray().Select(vectors =>
            vectors.EnumerateArray().Sum(vector => Length(MetricsParity.Three(vector), odd)))]);
    }

    private static double Length(Double3 vector, Double3 spacing) => Math.Sqrt(
        Math.Pow(vector.X * spacing.Y * spacing.Z, 2) + Math.Pow(vector.Y * spacing.X * spacing.Z, 2) + Math.Pow(vector.Z * spacing.X * spacing.Y, 2));

    private static ParityQuantity Compare(string name, Double3 spacing, double[] expected)
    {
        double[] mine = SurfacePatterns.Areas(spacing);
        return mine.Length != expected.Length
            ? new(name, double.PositiveInfinity, Relative, $"expected {expected.Length} areas, got {mine.Length}")
            : new(name, mine.Zip(expected, (one, other) => MetricsParity.Difference(one, other) / Math.Max(other, 1)).Max(), Relative);
    }
}
