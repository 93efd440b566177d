namespace SamMed3D.Transfer.Tests;

public sealed class SurfaceDistancesTests
{
    private static readonly Size3 Size = new(7, 8, 9);
    private static readonly Double3 Spacing = new(0.7, 1.1, 2.3);

    [Theory]
    [InlineData(SurfaceConvention.AreaWeighted)]
    [InlineData(SurfaceConvention.VoxelBorder)]
    public void Distances_equal_a_search_over_all_pairs(SurfaceConvention convention)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var random = new Random(seed);
            bool[] truth = Blob(random), prediction = Blob(random);
            var one = Elements(truth, convention);
            var other = Elements(prediction, convention);
            var there = one.Select(element => (Distance: other.Min(far => Distance(element.At, far.At)), element.Weight)).ToList();
            var back = other.Select(element => (Distance: one.Min(far => Distance(element.At, far.At)), element.Weight)).ToList();
            var both = there.Concat(back).ToList();
            double area = both.Sum(element => element.Weight);

            var found = SurfaceDistances.Between(truth, prediction, Size, Spacing, convention);

            Assert.Equal((one.Count, other.Count), (found.TruthElements, found.PredictionElements));
            Assert.Equal(both.Max(element => element.Distance), found.Hausdorff, 1e-9);
            Assert.Equal(both.Sum(element => element.Distance * element.Weight) / area, found.Mean, 1e-9);
            Assert.Equal(there.Sum(element => element.Distance * element.Weight) / there.Sum(element => element.Weight), found.MeanTruthToPrediction, 1e-9);
            foreach (double tolerance in new[] { 0, 1.1, 2 })
                Assert.Equal(both.Where(element => element.Distance <= tolerance + 1e-9).Sum(element => element.Weight) / area, found.SurfaceDice(tolerance), 1e-9);
            Assert.InRange(found.Hausdorff95, found.Mean, found.Hausdorff);
        }
    }

    [Theory]
    [InlineData(SurfaceConvention.AreaWeighted)]
    [InlineData(SurfaceConvention.VoxelBorder)]
    public void Where_the_masks_lie_in_the_volume_makes_no_difference(SurfaceConvention convention)
    {
        var random = new Random(3);
        bool[] truth = Blob(random), prediction = Blob(random);
        var larger = new Size3(Size.X + 4, Size.Y + 3, Size.Z + 2);
        var tight = SurfaceDistances.Between(truth, prediction, Size, Spacing, convention);
        var loose = SurfaceDistances.Between(Padded(truth, larger), Padded(prediction, larger), larger, Spacing, convention);
        Assert.Equal((tight.Mean, tight.Hausdorff95, tight.SurfaceDice(1)), (loose.Mean, loose.Hausdorff95, loose.SurfaceDice(1)));
    }

    [Fact]
    public void The_surface_of_a_block_is_nearly_that_of_its_faces()
    {
        // Marching cubes cut the edges of a block.
        bool[] block = Mask((x, y, z) => x is >= 1 and < 6 && y is >= 1 and < 7 && z is >= 1 and < 8);
        double faces = 2 * (6 * 7 * 1.1 * 2.3 + 5 * 7 * 0.7 * 2.3 + 5 * 6 * 0.7 * 1.1);
        Assert.InRange(SurfaceDistances.Between(block, block, Size, Spacing).TruthArea, 0.8 * faces, faces);
    }

    [Fact]
    public void To_an_empty_mask_distances_are_infinite_and_between_two_there_are_none()
    {
        bool[] nothing = new bool[Size.Count], something = Mask((x, y, z) => x == 3);
        var one = SurfaceDistances.Between(something, nothing, Size, Spacing);
        Assert.Equal((double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity, 0), (one.Hausdorff, one.Hausdorff95, one.Mean, one.SurfaceDice(5)));
        var none = SurfaceDistances.Between(nothing, nothing, Size, Spacing);
        Assert.Equal((double.NaN, double.NaN, double.NaN, double.NaN), (none.Hausdorff, none.Hausdorff95, none.Mean, none.SurfaceDice(5)));
    }

    [Fact]
    public void A_tolerance_that_is_met_counts()
    {
        // 0.1 has no exact binary form: ten steps of it must still be within 1 mm.
        bool[] left = Mask((x, y, z) => z == 0 && x < 2), right = Mask((x, y, z) => z == 0 && x is >= 2 and < 4);
        var found = SurfaceDistances.Between(left, right, Size, new Double3(0.1, 1, 1), SurfaceConvention.VoxelBorder);
        Assert.Equal(1, found.SurfaceDice(0.2));
    }

    [Fact]
    public void Masks_of_another_size_are_refused() =>
        Assert.Throws<ArgumentException>(() => SurfaceDistances.Between(new bool[Size.Count], new bool[3], Size, Spacing));

    /// <summary>A few boxes, at the border too.</summary>
    private static bool[] Blob(Random random)
    {
        var boxes = Enumerable.Range(0, 3).Select(_ => (X: random.Next(Size.X), Y: random.Next(Size.Y), Z: random.Next(Size.Z))).ToList();
        return Mask((x, y, z) => boxes.Exists(box => x >= box.X && x < box.X + 3 && y >= box.Y && y < box.Y + 2 && z >= box.Z && z < box.Z + 3));
    }

    private static bool[] Mask(Func<int, int, int, bool> isInside) => [.. Enumerable.Range(0, (int)Size.Count)
        .Select(voxel => isInside(voxel / (Size.Y * Size.Z), voxel / Size.Z % Size.Y, voxel % Size.Z))];

    private static bool[] Padded(bool[] mask, Size3 larger)
    {
        var padded = new bool[larger.Count];
        for (var voxel = 0; voxel < mask.Length; voxel++)
        {
            var (x, y, z) = (voxel / (Size.Y * Size.Z), voxel / Size.Z % Size.Y, voxel % Size.Z);
            padded[((x + 2) * larger.Y + y + 1) * larger.Z + z + 1] = mask[voxel];
        }

        return padded;
    }

    private static List<(Double3 At, double Weight)> Elements(bool[] mask, SurfaceConvention convention)
    {
        bool Inside(int x, int y, int z) => x >= 0 && y >= 0 && z >= 0 && x < Size.X && y < Size.Y && z < Size.Z && mask[(x * Size.Y + y) * Size.Z + z];
        double[] areas = SurfacePatterns.Areas(Spacing);
        List<(Double3, double)> elements = [];
        for (var x = 0; x <= Size.X; x++)
            for (var y = 0; y <= Size.Y; y++)
                for (var z = 0; z <= Size.Z; z++)
                {
                    var at = new Double3(x * Spacing.X, y * Spacing.Y, z * Spacing.Z);
                    if (convention == SurfaceConvention.VoxelBorder)
                    {
                        if (Inside(x, y, z) && !(Inside(x - 1, y, z) && Inside(x + 1, y, z) && Inside(x, y - 1, z) && Inside(x, y + 1, z) && Inside(x, y, z - 1) && Inside(x, y, z + 1)))
                            elements.Add((at, 1));
                        continue;
                    }

                    int code = 0;
                    for (var corner = 0; corner < 8; corner++)
                        code = code * 2 + (Inside(x - 1 + (corner >> 2), y - 1 + (corner >> 1 & 1), z - 1 + (corner & 1)) ? 1 : 0);
                    if (code is not (0 or 255))
                        elements.Add((at, areas[code]));
                }

        return elements;
    }

    private static double Distance(Double3 one, Double3 other) =>
        Math.Sqrt(Math.Pow(one.X - other.X, 2) + Math.Pow(one.Y - other.Y, 2) + Math.Pow(one.Z - other.Z, 2));
}
