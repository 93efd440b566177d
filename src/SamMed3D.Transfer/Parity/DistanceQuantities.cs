using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>Distance transforms of the masks in edt.json.</summary>
internal static class DistanceQuantities
{
    /// <summary>In mm.</summary>
    private const double Tolerance = 1e-4;

    public static IEnumerable<ParityQuantity> Of(string folder, JsonElement description)
    {
        var stored = SafetensorsFile.ReadAll(Path.Combine(folder, "edt.safetensors"));
        try
        {
            foreach (var entry in description.GetProperty("cases").EnumerateArray())
            {
                string name = entry.GetProperty("name").GetString()!;
                var spacing = MetricsParity.Three(entry.GetProperty("spacing_mm"));
                var size = MetricsParity.SizeOf(stored[$"{name}.mask"]);
                bool[] mask = MetricsParity.Mask(stored[$"{name}.mask"]);
                foreach (var (kind, inside, isBorderOutside) in new[]
                {
                    ("inside", mask, false), ("inside_bordered", mask, true), ("outside", Array.ConvertAll(mask, isInside => !isInside), false),
                })
                    if (stored.TryGetValue($"{name}.{kind}", out var expected))
                        yield return Compare($"{name} {kind}", DistanceTransform.Inside(inside, size, spacing, isBorderOutside), expected);
            }
        }
        finally
        {
            foreach (var tensor in stored.Values)
                tensor.Dispose();
        }
    }

    private static ParityQuantity Compare(string name, float[] mine, Tensor expected)
    {
        using var wanted = expected.to(ScalarType.Float32).contiguous();
        return new(name, mine.Zip(wanted.data<float>(), (one, other) => MetricsParity.Difference(one, other)).Max(), Tolerance);
    }
}
