namespace SamMed3D.Transfer.Tests;

public sealed class ConnectedComponentsTests
{
    [Theory]
    [InlineData(Connectivity.Faces, 0.3, 1)]
    [InlineData(Connectivity.Faces, 0.6, 3)]
    [InlineData(Connectivity.Edges, 0.15, 1)]
    [InlineData(Connectivity.Edges, 0.6, 3)]
    [InlineData(Connectivity.Corners, 0.1, 1)]
    [InlineData(Connectivity.Corners, 0.7, 4)]
    public void Components_are_those_of_a_flood_fill(Connectivity connectivity, double share, int labelCount)
    {
        var size = new Size3(9, 11, 10);
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            int[] labels = [.. Enumerable.Range(0, (int)size.Count).Select(_ => random.NextDouble() < share ? 1 + random.Next(labelCount) : 0)];
            var (numbers, count) = Flood(labels, size, connectivity);

            var found = ConnectedComponents.Of(labels, size, connectivity);

            Assert.Equal(count, found.Count);
            Assert.Equal(numbers, found.ToArray());
            for (var component = 0; component < count; component++)
            {
                int[] voxels = [.. Enumerable.Range(0, numbers.Length).Where(voxel => numbers[voxel] == component + 1)];
                Assert.Equal(voxels.Length, found.VoxelCounts[component]);
                Assert.Equal(labels[voxels[0]], found.Labels[component]);
                Assert.Equal(voxels.Average(voxel => voxel / (size.Y * size.Z)), found.Centroids()[component].X, 1e-9);
                Assert.Equal(voxels.Average(voxel => voxel / size.Z % size.Y), found.Centroids()[component].Y, 1e-9);
                Assert.Equal(voxels.Average(voxel => voxel % size.Z), found.Centroids()[component].Z, 1e-9);
            }
        }
    }

    [Fact]
    public void The_largest_come_first_and_of_equals_the_one_that_begins_first()
    {
        int[] labels = [1, 0, 1, 1, 0, 2, 2, 2, 0, 1, 0, 1, 1];
        var found = ConnectedComponents.Of(labels, new Size3(1, 1, labels.Length));
        Assert.Equal([1, 4], found.Largest(1, 2));
        Assert.Equal([1, 4, 0, 3], found.Largest(1));
        Assert.Equal([2], found.Largest(2));
        var kept = new int[labels.Length];
        found.Paint([0, 7, 8, 0, 0], kept);
        Assert.Equal([0, 0, 7, 7, 0, 8, 8, 8, 0, 0, 0, 0, 0], kept);
    }

    [Fact]
    public void An_empty_mask_has_no_components() => Assert.Equal(0, ConnectedComponents.Of(new bool[8], 2).Count);

    [Fact]
    public void A_mask_of_another_size_is_refused()
    {
        var refusal = Assert.Throws<ArgumentException>(() => ConnectedComponents.Of(new bool[7], 2));
        Assert.Contains("Expected 8 voxels for 2x2x2, got 7", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>The plain way: from each new voxel to all that can be reached.</summary>
    private static (int[] Numbers, int Count) Flood(int[] labels, Size3 size, Connectivity connectivity)
    {
        int reach = connectivity switch { Connectivity.Faces => 1, Connectivity.Edges => 2, _ => 3 };
        var numbers = new int[labels.Length];
        int count = 0;
        for (var start = 0; start < labels.Length; start++)
        {
            if (labels[start] == 0 || numbers[start] != 0)
                continue;
            count++;
            var open = new Stack<int>([start]);
            numbers[start] = count;
            while (open.TryPop(out int voxel))
                for (var other = 0; other < labels.Length; other++)
                {
                    int dx = Math.Abs(other / (size.Y * size.Z) - voxel / (size.Y * size.Z));
                    int dy = Math.Abs(other / size.Z % size.Y - voxel / size.Z % size.Y), dz = Math.Abs(other % size.Z - voxel % size.Z);
                    if (numbers[other] == 0 && labels[other] == labels[start] && Math.Max(dx, Math.Max(dy, dz)) == 1 && dx + dy + dz <= reach)
                    {
                        numbers[other] = count;
                        open.Push(other);
                    }
                }
        }

        return (numbers, count);
    }
}
