using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>Connected components of the masks in components.json: partition, sizes and the largest.</summary>
internal static class ComponentQuantities
{
    public static IEnumerable<ParityQuantity> Of(string folder, JsonElement description)
    {
        var stored = SafetensorsFile.ReadAll(Path.Combine(folder, "components.safetensors"));
        try
        {
            foreach (var entry in description.GetProperty("cases").EnumerateArray())
            {
                string name = entry.GetProperty("name").GetString()!;
                var size = MetricsParity.SizeOf(stored[$"{name}.mask"]);
                bool[] mask = MetricsParity.Mask(stored[$"{name}.mask"]);
                foreach (var connectivity in Enum.GetValues<Connectivity>())
                {
                    var components = ConnectedComponents.Of(mask, size, connectivity);
                    var expected = entry.GetProperty($"conn{(int)connectivity}");
                    string at = $"{name} {(int)connectivity}";
                    yield return new($"{at} partition", Mismatches(components.ToArray(), Numbers(stored[$"{name}.labels{(int)connectivity}"])), 0);
                    yield return Exactly($"{at} components", components.Count, expected.GetProperty("components").GetInt64());
                    var sizes = components.Largest().Select(component => components.VoxelCounts[component]).ToList();
                    var wanted = expected.GetProperty("sizes_descending").EnumerateArray().Select(count => count.GetInt64());
                    yield return new($"{at} sizes", sizes.Take(20).SequenceEqual(wanted) ? 0 : double.PositiveInfinity, 0);
                    yield return Exactly($"{at} largest", sizes.Take(1).Sum(), expected.GetProperty("kept_largest").GetInt64());
                    yield return Exactly($"{at} five largest", sizes.Take(5).Sum(), expected.GetProperty("kept_5").GetInt64());
                }

                var corners = ConnectedComponents.Of(mask, size);
                foreach (var (key, most) in new[] { ("largest26", 1), ("top5_26", 5) })
                    yield return new($"{name} {key}", Mismatches(Kept(corners, most), Numbers(stored[$"{name}.{key}"])), 0);
            }
        }
        finally
        {
            foreach (var tensor in stored.Values)
                tensor.Dispose();
        }
    }

    private static int[] Kept(ComponentMap components, int most)
    {
        var values = new int[components.Count];
        foreach (int component in components.Largest(most: most))
            values[component] = 1;
        var kept = new int[components.Size.Count];
        components.Paint(values, kept);
        return kept;
    }

    private static int[] Numbers(Tensor stored)
    {
        using var numbers = stored.to(ScalarType.Int32).contiguous();
        return numbers.data<int>().ToArray();
    }

    /// <summary>Voxels that differ when each number of the one stands for one number of the other.</summary>
    private static double Mismatches(int[] mine, int[] expected)
    {
        Dictionary<int, int> there = [], back = [];
        return mine.Length != expected.Length ? double.PositiveInfinity : Enumerable.Range(0, mine.Length).Count(voxel =>
            (mine[voxel] == 0) != (expected[voxel] == 0)
            || (there.TryAdd(mine[voxel], expected[voxel]), there[mine[voxel]]).Item2 != expected[voxel]
            || (back.TryAdd(expected[voxel], mine[voxel]), back[expected[voxel]]).Item2 != mine[voxel]);
    }

    private static ParityQuantity Exactly(string name, long mine, long expected) => new(name, Math.Abs(mine - expected), 0);
}
