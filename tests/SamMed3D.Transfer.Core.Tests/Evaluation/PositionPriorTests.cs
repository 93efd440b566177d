namespace SamMed3D.Transfer.Tests;

[Collection("collects memory")]
public sealed class PositionPriorTests
{
    private static Tensor Line(params int[] values) => tensor(values, ScalarType.Int32).view(values.Length, 1, 1);

    private static int[] Values(Tensor line) => [.. line.data<int>()];

    [Fact]
    public void The_guess_is_the_commonest_label_of_each_voxel()
    {
        using var scope = NewDisposeScope();
        using var prior = new PositionPrior(3, new Size3(4, 1, 1));
        prior.Accumulate(Line(0, 1, 2, 2));
        prior.Accumulate(Line(0, 1, 1, 2));
        prior.Accumulate(Line(1, 1, 2, 0));

        Assert.Equal([0, 1, 2, 2], Values(prior.Guess(new Size3(4, 1, 1))));
    }

    [Fact]
    public void Equally_common_labels_give_the_lowest()
    {
        using var scope = NewDisposeScope();
        using var prior = new PositionPrior(3, new Size3(1, 1, 1));
        prior.Accumulate(Line(2));
        prior.Accumulate(Line(1));

        Assert.Equal([1], Values(prior.Guess(new Size3(1, 1, 1))));
    }

    [Fact]
    public void Cases_of_other_sizes_are_centred()
    {
        using var scope = NewDisposeScope();
        using var prior = new PositionPrior(3, new Size3(4, 1, 1));
        prior.Accumulate(Line(1, 2));             // becomes 0 1 2 0

        Assert.Equal([0, 1, 2, 0], Values(prior.Guess(new Size3(4, 1, 1))));
        Assert.Equal([1, 2], Values(prior.Guess(new Size3(2, 1, 1))));
        Assert.Equal([0, 0, 1, 2, 0, 0, 0], Values(prior.Guess(new Size3(7, 1, 1))));

        prior.Accumulate(Line(2, 2, 1, 1, 2, 2)); // becomes 2 1 1 2
        prior.Accumulate(Line(2, 2, 1, 1, 2, 2));
        Assert.Equal([2, 1, 1, 2], Values(prior.Guess(new Size3(4, 1, 1))));
    }

    [Fact]
    public void A_guess_without_cases_is_refused()
    {
        using var prior = new PositionPrior(2, 4);

        Assert.Throws<InvalidOperationException>(() => prior.Guess(4));
    }

    [Fact]
    public void Nothing_is_left_after_disposing()
    {
        using var labels = Line(0, 1, 1);
        long before = LiveTensors.Before();
        using (var prior = new PositionPrior(2, 4))
        {
            prior.Accumulate(labels);
            using var guess = prior.Guess(new Size3(3, 2, 5));
        }

        Assert.Equal(before, LiveTensors.Now);
    }

    [Fact]
    public void Counting_goes_right_while_memory_is_collected()
    {
        using var scope = NewDisposeScope();
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect(0);
                Thread.Sleep(1);
            }
        });
        collector.Start();
        try
        {
            using var prior = new PositionPrior(2, new Size3(100, 100, 100));
            using var labels = ones([100, 100, 100], ScalarType.Int64);
            for (int i = 0; i < 100; i++)
                prior.Accumulate(labels);
            using var guess = prior.Guess(prior.Size);
            Assert.Equal(1, guess.min().item<int>());
        }
        finally
        {
            stop.Cancel();
            collector.Join();
        }
    }
}
