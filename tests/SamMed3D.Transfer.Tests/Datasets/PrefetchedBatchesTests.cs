using System.Collections.Concurrent;

namespace SamMed3D.Transfer.Tests;

public sealed class PrefetchedBatchesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_same_seed_gives_the_same_batches_with_0_1_and_4_workers(bool isCached)
    {
        var manifest = SyntheticAnatomy.Write(_folder.File("data"), new SyntheticAnatomyOptions { Size = new(40, 36, 24), TrainingCases = 5, TestCases = 1 });
        var preprocessor = new CasePreprocessor(new PreprocessingOptions { Normalization = Normalization.ZScore }, manifest);
        var expected = new List<(string[] Cases, byte[] Images, byte[] Labels)>();
        foreach (int workers in (int[])[0, 1, 4])
        {
            DatasetCase[] cases = [.. manifest.TrainingCases];
            // Without a cache only two cases fit: the workers drop and prepare cases under each other's hands.
            using var store = isCached ? new CaseStore(cases, new CaseCache(_folder.File("cache"), preprocessor))
                : new CaseStore(cases, preprocessor.Open, limitBytes: 2 * 2 * 4 * 40 * 36 * 24);
            using var batches = new PrefetchedBatches(
                new PatchBatchSource(store, new PatchOptions { PatchSize = 20 }, new RandomFlipOptions { Axes = [0, 1, 2] }, 2, seed: 9, AugmentationPreset.Standard), workers, prefetch: 3);
            for (var step = 0; step < 12; step++)
            {
                using var batch = batches.BatchAt(step);
                var found = ((string[])[.. batch.CaseIds], batch.Images.bytes.ToArray(), batch.Labels.bytes.ToArray());
                if (workers == 0)
                    expected.Add(found);
                Assert.Equal(expected[step].Cases, found.Item1);
                Assert.Equal(expected[step].Images, found.Item2);
                Assert.Equal(expected[step].Labels, found.Item3);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Any_step_can_be_asked_for_at_any_time(int workers)
    {
        using var batches = new PrefetchedBatches(new Counting(), workers);
        foreach (int step in (int[])[7, 8, 9, 2, 3, 3, 100, 0])
        {
            using var batch = batches.BatchAt(step);
            Assert.Equal(step, batch.Images.ToInt32());
        }
    }

    [Fact]
    public void No_more_batches_are_made_than_may_be_ready()
    {
        var source = new Counting();
        using var batches = new PrefetchedBatches(source, workers: 2, prefetch: 3);
        batches.BatchAt(0).Dispose();
        Assert.True(SpinWait.SpinUntil(() => batches.ReadyCount == 3, TimeSpan.FromSeconds(20)));
        Thread.Sleep(30);
        Assert.Equal([0, 1, 2, 3], source.Made.Order());
    }

    [Fact]
    public void Nothing_is_made_beyond_the_last_step()
    {
        var source = new Counting();
        using (var batches = new PrefetchedBatches(source, workers: 2, prefetch: 4, stepCount: 3))
        {
            for (var step = 0; step < 3; step++)
                batches.BatchAt(step).Dispose();
            Thread.Sleep(30);
        }

        Assert.Equal([0, 1, 2], source.Made.Order());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void An_error_reaches_the_step_it_belongs_to_and_no_other(int workers)
    {
        using var batches = new PrefetchedBatches(new Counting { Broken = 2 }, workers, prefetch: 4);
        batches.BatchAt(0).Dispose();
        batches.BatchAt(1).Dispose();
        Assert.Equal("Case 2 is broken.", Assert.Throws<InvalidDataException>(() => batches.BatchAt(2)).Message);
        batches.BatchAt(3).Dispose();
    }

    [Fact]
    public void An_error_of_a_case_has_its_name()
    {
        using var store = new CaseStore([new DatasetCase("knee_7", [], null, DatasetPart.Training)], _ => throw new IOException("The disk is gone."));
        using var batches = new PrefetchedBatches(new PatchBatchSource(store, new PatchOptions { PatchSize = 4 }, new RandomFlipOptions(), 1, 0));
        string message = Assert.Throws<InvalidDataException>(() => batches.BatchAt(0)).Message;
        Assert.Equal("Case knee_7: The disk is gone.", message);
    }

    [Fact]
    public void Disposing_ends_the_threads_and_frees_what_nobody_took()
    {
        long before = LiveTensors.Before();
        var source = new Counting();
        var batches = new PrefetchedBatches(source, workers: 3, prefetch: 6);
        batches.BatchAt(0).Dispose();
        Assert.True(SpinWait.SpinUntil(() => batches.ReadyCount == 6, TimeSpan.FromSeconds(20)));
        batches.BatchAt(40).Dispose();
        batches.Dispose();
        batches.Dispose();

        Assert.All(source.Threads, thread => Assert.False(thread.IsAlive));
        Assert.Equal(before, LiveTensors.Now);
        Assert.Throws<ObjectDisposedException>(() => batches.BatchAt(1));
    }

    [Fact]
    public void The_time_spent_waiting_is_told()
    {
        using var batches = new PrefetchedBatches(new Counting { Delay = 20 }, workers: 0);
        Assert.Equal(TimeSpan.Zero, batches.WaitTime);
        batches.BatchAt(0).Dispose();
        Assert.True(batches.WaitTime >= TimeSpan.FromMilliseconds(19));
    }

    /// <summary>Batches that hold the number of their step.</summary>
    private sealed class Counting : IBatchSource
    {
        public long Broken { get; init; } = -1;

        public int Delay { get; init; }

        public ConcurrentBag<long> Made { get; } = [];

        public ConcurrentBag<Thread> Threads { get; } = [];

        public TrainingBatch BatchAt(long stepIndex)
        {
            Made.Add(stepIndex);
            if (Thread.CurrentThread.Name?.StartsWith("batches", StringComparison.Ordinal) == true)
                Threads.Add(Thread.CurrentThread);
            Thread.Sleep(Delay);
            return stepIndex == Broken ? throw new InvalidDataException($"Case {stepIndex} is broken.")
                : new TrainingBatch(tensor((float)stepIndex), tensor(stepIndex), ["a"]);
        }
    }
}
