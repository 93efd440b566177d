namespace SamMed3D.Transfer.Tests;

public sealed class SimulatedUserTests
{
    [Theory]
    [InlineData(ClickStrategy.Random)]
    [InlineData(ClickStrategy.Ritm)]
    public void The_first_click_falls_into_the_object(ClickStrategy strategy)
    {
        using var truth = Box(9, 2, 5);
        var user = new SimulatedUser(strategy, new Random(1));
        for (var i = 0; i < 20; i++)
        {
            var (voxel, isForeground) = user.Next(truth)!.Value;
            Assert.True(isForeground);
            Assert.True(truth[voxel.X, voxel.Y, voxel.Z].item<bool>());
        }
    }

    [Theory]
    [InlineData(ClickStrategy.Random)]
    [InlineData(ClickStrategy.Ritm)]
    public void Later_clicks_fall_where_the_prediction_is_wrong_and_say_what_is_right_there(ClickStrategy strategy)
    {
        using var truth = Box(9, 2, 5);
        using var prediction = Box(9, 4, 8);
        var user = new SimulatedUser(strategy, new Random(1));
        for (var i = 0; i < 50; i++)
        {
            var (voxel, isForeground) = user.Next(truth, prediction)!.Value;
            bool isTrue = truth[voxel.X, voxel.Y, voxel.Z].item<bool>();
            Assert.NotEqual(prediction[voxel.X, voxel.Y, voxel.Z].item<bool>(), isTrue);
            Assert.Equal(isTrue, isForeground);
        }
    }

    [Fact]
    public void Random_clicks_reach_both_kinds_of_error()
    {
        using var truth = Box(9, 2, 5);
        using var prediction = Box(9, 4, 8);
        var user = new SimulatedUser(ClickStrategy.Random, new Random(1));
        Assert.Equal(2, Enumerable.Range(0, 100).Select(_ => user.Next(truth, prediction)!.Value.IsForeground).Distinct().Count());
    }

    [Fact]
    public void Ritm_clicks_go_deep_into_the_larger_error()
    {
        using var truth = Box(9, 1, 2);
        using var prediction = Box(9, 2, 7);
        var user = new SimulatedUser(ClickStrategy.Ritm, new Random(1));
        for (var i = 0; i < 20; i++)
        {
            var (voxel, isForeground) = user.Next(truth, prediction)!.Value;
            Assert.False(isForeground);
            // Five voxels wide, three deep: at more than half of that.
            Assert.All(new[] { voxel.X, voxel.Y, voxel.Z }, coordinate => Assert.InRange(coordinate, 3, 5));
        }
    }

    [Fact]
    public void A_perfect_prediction_needs_no_click()
    {
        using var truth = Box(6, 1, 4);
        Assert.Null(new SimulatedUser(ClickStrategy.Ritm, new Random(1)).Next(truth, truth));
        Assert.Null(new SimulatedUser(ClickStrategy.Random, new Random(1)).Next(truth, truth));
    }

    [Fact]
    public void The_same_seed_gives_the_same_clicks_and_nothing_is_left_behind()
    {
        using var truth = Box(9, 2, 6);
        long before = LiveTensors.Before();
        var first = Clicks();
        Assert.Equal(first, Clicks());
        Assert.Equal(before, LiveTensors.Now);

        (VoxelIndex, bool)?[] Clicks()
        {
            var user = new SimulatedUser(ClickStrategy.Random, new Random(7));
            return [.. Enumerable.Range(0, 5).Select(_ => user.Next(truth))];
        }
    }

    private static Tensor Box(int size, int from, int to)
    {
        var box = zeros([size, size, size], ScalarType.Bool);
        for (int x = from; x < to; x++)
            for (int y = from; y < to; y++)
                for (int z = from; z < to; z++)
                    box[x, y, z] = true;
        return box;
    }
}
