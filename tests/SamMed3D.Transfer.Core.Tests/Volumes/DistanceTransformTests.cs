namespace SamMed3D.Transfer.Tests;

public sealed class DistanceTransformTests
{
    [Theory]
    [InlineData(1, 1, 1, true, 0.7)]
    [InlineData(1, 1, 1, false, 0.95)]
    [InlineData(0.5, 2, 3.5, true, 0.9)]
    [InlineData(3, 0.7, 1.1, false, 0.97)]
    public void Distances_equal_a_search_over_all_voxels(double x, double y, double z, bool isBorderOutside, double share)
    {
        var (size, spacing) = (new Size3(7, 9, 6), new Double3(x, y, z));
        var random = new Random(5);
        bool[] mask = [.. Enumerable.Range(0, (int)size.Count).Select(_ => random.NextDouble() < share)];
        float[] found = DistanceTransform.Inside(mask, size, spacing, isBorderOutside);
        for (var i = 0; i < mask.Length; i++)
            Assert.Equal(Search(mask, size, spacing, isBorderOutside, i), found[i], 1e-5);
    }

    [Theory]
    [InlineData(3, 4, 71)]
    [InlineData(2, 37, 3)]
    public void Distances_on_long_axes_equal_a_search_over_all_voxels(int x, int y, int z)
    {
        var (size, spacing) = (new Size3(x, y, z), new Double3(1.3, 0.6, 0.9));
        var random = new Random(8);
        bool[] mask = [.. Enumerable.Range(0, (int)size.Count).Select(_ => random.NextDouble() < 0.98)];
        float[] found = DistanceTransform.Inside(mask, size, spacing, isBorderOutside: false);
        for (var i = 0; i < mask.Length; i++)
            Assert.Equal(Search(mask, size, spacing, false, i), found[i], 1e-5);
    }

    [Fact]
    public void A_mask_without_an_outside_is_infinitely_deep()
    {
        Assert.All(DistanceTransform.Inside([true, true], new Size3(1, 1, 2), new Double3(1, 1, 1), isBorderOutside: false),
            distance => Assert.Equal(float.PositiveInfinity, distance));
        Assert.Equal([1f, 1f], DistanceTransform.Inside([true, true], new Size3(1, 1, 2), new Double3(1, 1, 1)));
    }

    [Fact]
    public void A_mask_of_another_size_is_refused() =>
        Assert.Throws<ArgumentException>(() => DistanceTransform.Inside([true], new Size3(1, 1, 2), new Double3(1, 1, 1)));

    private static double Search(bool[] mask, Size3 size, Double3 spacing, bool isBorderOutside, int voxel)
    {
        var (x, y, z) = (voxel / (size.Y * size.Z), voxel / size.Z % size.Y, voxel % size.Z);
        double best = double.PositiveInfinity;
        for (int a = -1; a <= size.X; a++)
            for (int b = -1; b <= size.Y; b++)
                for (int c = -1; c <= size.Z; c++)
                {
                    bool isBeyond = a < 0 || b < 0 || c < 0 || a == size.X || b == size.Y || c == size.Z;
                    if (isBeyond ? isBorderOutside : !mask[(a * size.Y + b) * size.Z + c])
                        best = Math.Min(best, Math.Sqrt(Math.Pow((a - x) * spacing.X, 2) + Math.Pow((b - y) * spacing.Y, 2) + Math.Pow((c - z) * spacing.Z, 2)));
                }

        return best;
    }
}
