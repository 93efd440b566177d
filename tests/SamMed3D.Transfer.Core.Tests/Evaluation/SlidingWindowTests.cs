using static TorchSharp.torch.nn;

namespace SamMed3D.Transfer.Tests;

public sealed class SlidingWindowTests
{
    private static readonly SlidingWindowOptions Small = new() { Window = new Size3(4, 5, 3), BatchSize = 3 };

    [Theory]
    [InlineData(10, 4, 0.5, new[] { 0, 2, 4, 6 })]
    [InlineData(11, 4, 0.5, new[] { 0, 2, 4, 6, 7 })]
    [InlineData(10, 4, 0.0, new[] { 0, 4, 6 })]
    [InlineData(4, 4, 0.5, new[] { 0 })]
    [InlineData(6, 2, 0.9, new[] { 0, 1, 2, 3, 4 })]
    public void Windows_start_at_multiples_of_the_step_and_the_last_ends_with_the_volume(int size, int window, double overlap, int[] starts) =>
        Assert.Equal(starts, WindowGrid.Starts(new Size3(size, 1, 1), new Size3(window, 1, 1), overlap).Select(start => start.X));

    [Theory]
    [InlineData(WindowBlend.Constant)]
    [InlineData(WindowBlend.Gaussian)]
    public void A_voxelwise_network_gives_what_it_gives_on_the_whole_volume(WindowBlend blend)
    {
        using var scope = NewDisposeScope();
        var volume = randn([2, 1, 9, 3, 7], generator: new Generator(5));

        var result = new SlidingWindow(windows => cat([windows, windows.square()], 1), Small with { Blend = blend }).Run(volume);

        Assert.Equal([2L, 2, 9, 3, 7], result.shape);
        Assert.True(result.allclose(cat([volume, volume.square()], 1), 1e-5, 1e-6));
    }

    [Fact]
    public void A_model_runs_without_gradients_in_evaluation_mode_and_every_part_gets_its_mode_back()
    {
        using var model = Sequential(("frozen", Dropout(0.5)), ("drop", Dropout(0.9)), ("conv", Conv3d(1, 2, 1)));
        model.train();
        model.named_children().First().module.eval();
        using var volume = ones([1, 1, 6, 6, 6]);
        var window = new SlidingWindow(model, Small);

        using var first = window.Run(volume);
        using var second = window.Run(volume);

        Assert.True(first.equal(second).all().item<bool>());
        Assert.False(first.requires_grad);
        Assert.True(is_grad_enabled());
        Assert.True(model.training);
        Assert.Equal([false, true, true], model.named_children().Select(child => child.module.training));
    }

    [Fact]
    public void Progress_counts_windows_and_reaches_the_end()
    {
        using var volume = zeros([1, 1, 8, 5, 3]);
        var reports = new Reports<SlidingWindowProgress>();

        using var result = new SlidingWindow(windows => windows.alias(), Small with { BatchSize = 2 }).Run(volume, reports);

        Assert.Equal([new(2, 3), new(3, 3)], reports.All);
    }

    [Fact]
    public void Cancelling_and_failing_leave_no_tensor_and_no_mode_behind()
    {
        using var volume = zeros([1, 1, 8, 5, 3]);
        using var cancelled = new CancellationTokenSource();
        long before = LiveTensors.Before();
        int calls = 0;
        var window = new SlidingWindow(windows =>
        {
            if (++calls == 2)
                cancelled.Cancel();
            return windows.alias();
        }, Small with { BatchSize = 1 });

        Assert.Throws<OperationCanceledException>(() => window.Run(volume, cancellation: cancelled.Token));
        Assert.Equal(2, calls);
        Assert.Equal(before, LiveTensors.Now);
        Assert.True(is_grad_enabled());
    }

    [Fact]
    public void A_network_that_changes_the_size_is_refused()
    {
        using var volume = zeros([1, 1, 8, 5, 3]);

        var problem = Assert.Throws<ArgumentException>(() => new SlidingWindow(windows => windows.narrow(2, 0, 2), Small).Run(volume));

        Assert.Contains("expected [3, K, 4, 5, 3]", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Contradicting_options_are_refused()
    {
        Assert.Throws<ArgumentException>(() => (Small with { Overlap = 1 }).Validated());
        Assert.Throws<ArgumentException>(() => (Small with { Window = new Size3(0, 1, 1) }).Validated());
        Assert.Throws<ArgumentException>(() => (Small with { BatchSize = 0 }).Validated());
        Assert.Throws<ArgumentException>(() => (Small with { DeviceSumsMiB = -1 }).Validated());
        Assert.Contains("names 3", Assert.Throws<ArgumentException>(() => (Small with { MirrorAxes = [0, 3] }).Validated()).Message, StringComparison.Ordinal);
        Assert.Contains("twice", Assert.Throws<ArgumentException>(() => (Small with { MirrorAxes = [1, 1] }).Validated()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_result_is_left()
    {
        using var volume = zeros([1, 1, 7, 2, 3]);
        long before = LiveTensors.Before();

        using (new SlidingWindow(windows => windows.alias(), Small).Run(volume))
            Assert.Equal(before + 1, LiveTensors.Now);

        Assert.Equal(before, LiveTensors.Now);
    }

    [Theory]
    [InlineData(9, 3, 7, 1, 0.5, 1)]
    [InlineData(13, 8, 11, 2, 0.25, 3)]
    [InlineData(2, 2, 2, 1, 0.5, 2)]
    [InlineData(4, 5, 3, 3, 0.0, 2)]
    [InlineData(17, 5, 2, 1, 0.8, 4)]
    public void Planes_that_are_handed_on_are_those_of_the_whole_sum_to_the_bit(int x, int y, int z, int samples, double overlap, int batchSize)
    {
        using var scope = NewDisposeScope();
        foreach (var type in new[] { ScalarType.Float32, ScalarType.Float64 })
            foreach (var blend in new[] { WindowBlend.Constant, WindowBlend.Gaussian })
            {
                var volume = randn([samples, 2, x, y, z], type, generator: new Generator((ulong)x));
                var options = Small with { Overlap = overlap, BatchSize = batchSize, Blend = blend };

                var result = new SlidingWindow(Uneven, options).Run(volume);

                Assert.Equal(type, result.dtype);
                Assert.True(result.equal(Whole(volume, options)).all().item<bool>());
            }
    }

    [Fact]
    public void Planes_come_once_in_order_and_before_later_windows_are_seen()
    {
        using var volume = randn([2, 1, 40, 6, 4], generator: new Generator(3));
        var events = new List<string>();
        var slabs = new List<(int Sample, int First, int Count)>();

        new SlidingWindow(windows =>
        {
            events.Add("window");
            return windows.alias();
        }, Small with { BatchSize = 1 }).RunInSlabs(volume, slab =>
        {
            events.Add("planes");
            slabs.Add((slab.Sample, slab.First, (int)slab.Values.shape[1]));
            Assert.Equal([1L, slab.Values.shape[1], 6, 4], slab.Values.shape);
        });

        Assert.Equal(
            from sample in new[] { 0, 1 } from plane in Enumerable.Range(0, 40) select (sample, plane),
            from slab in slabs from plane in Enumerable.Range(slab.First, slab.Count) select (slab.Sample, plane));
        Assert.All(slabs, slab => Assert.InRange(slab.Count, 1, 4));
        // Two windows along Y and two along Z for every start along X; the fifth window is beyond the first planes.
        Assert.Equal(["window", "window", "window", "window", "window", "planes", "window"], events[..7]);
        Assert.Equal(4 * (3 + 1) * 4 * 6 * 5, WindowSums.Bytes(3, new(40, 6, 5), Small.Window, ScalarType.Float32));
    }

    [Theory]
    [InlineData(new[] { 0 })]
    [InlineData(new[] { 2, 1 })]
    [InlineData(new[] { 0, 1, 2 })]
    public void Mirrored_windows_are_averaged_with_the_windows_as_they_are(int[] axes)
    {
        using var scope = NewDisposeScope();
        var volume = randn([1, 2, 4, 5, 3], generator: new Generator(8));
        var options = Small with { BatchSize = 1, MirrorAxes = axes };
        var reports = new Reports<SlidingWindowProgress>();

        var result = new SlidingWindow(Uneven, options).Run(volume, reports);

        var expected = zeros_like(volume);
        int combinations = 1 << axes.Length;
        for (int subset = 0; subset < combinations; subset++)
        {
            long[] dimensions = [.. axes.Where((_, index) => (subset & 1 << index) != 0).Select(axis => 2L + axis)];
            expected += dimensions.Length == 0 ? Uneven(volume) : Uneven(volume.flip(dimensions)).flip(dimensions);
        }

        Assert.True(result.allclose(expected / combinations, 1e-5, 1e-6));
        Assert.Equal(Enumerable.Range(1, combinations).Select(done => new SlidingWindowProgress(done, combinations)), reports.All);
    }

    [Fact]
    public void Mirroring_changes_nothing_for_a_network_that_does_not_see_the_difference_even_if_it_gives_away_its_input()
    {
        using var scope = NewDisposeScope();
        var volume = randn([2, 1, 9, 8, 7], generator: new Generator(9));

        var result = new SlidingWindow(windows => windows.alias(), Small with { MirrorAxes = [0, 1, 2] }).Run(volume);

        Assert.True(result.allclose(volume, 1e-5, 1e-6));
    }

    [Fact]
    public void Sums_are_beside_the_model_where_they_fit_and_on_the_CPU_else()
    {
        Assert.Equal(DeviceType.CUDA, SlidingWindow.SumsOn(DeviceType.CUDA, 3L << 20, 3));
        Assert.Equal(DeviceType.CPU, SlidingWindow.SumsOn(DeviceType.CUDA, (3L << 20) + 1, 3));
        Assert.Equal(DeviceType.CPU, SlidingWindow.SumsOn(DeviceType.CPU, 1, 0));
    }

    [Fact]
    public void A_receiver_that_fails_leaves_no_tensor_behind()
    {
        using var volume = zeros([1, 1, 8, 5, 3]);
        long before = LiveTensors.Before();
        var window = new SlidingWindow(windows => windows.alias(), Small with { MirrorAxes = [1] });

        Assert.Throws<InvalidDataException>(() => window.RunInSlabs(volume, _ => throw new InvalidDataException("full")));

        Assert.Equal(before, LiveTensors.Now);
        Assert.True(is_grad_enabled());
    }

    /// <summary>A network that tells left from right: voxels count more the further they are along each axis.</summary>
    private static Tensor Uneven(Tensor windows)
    {
        using var scope = NewDisposeScope();
        var rise = arange(Small.Window.Count, windows.dtype).view(1, 1, Small.Window.X, Small.Window.Y, Small.Window.Z).div(Small.Window.Count);
        return (windows * rise).abs().MoveToOuterDisposeScope();
    }

    /// <summary>The plain way: sums and weights of the whole volume.</summary>
    private static Tensor Whole(Tensor volume, SlidingWindowOptions options)
    {
        long[] size = volume.shape[2..], window = options.Window.ToArray();
        long[] missing = [.. size.Zip(window, (extent, least) => Math.Max(0, least - extent))];
        var padded = nn.functional.pad(volume, [.. missing.Reverse().SelectMany(gap => new[] { gap / 2, gap - gap / 2 })]);
        Tensor sum = zeros_like(padded), weights = zeros_like(padded), importance = WindowImportance.Create(options).to(volume.dtype);
        long[] whole = padded.shape[2..];
        for (int sample = 0; sample < volume.shape[0]; sample++)
            foreach (var start in WindowGrid.Starts(new((int)whole[0], (int)whole[1], (int)whole[2]), options.Window, options.Overlap))
            {
                Part(sum[sample]).addcmul_(Uneven(Part(padded[sample]).unsqueeze(0))[0], importance, 1);
                Part(weights[sample]).add_(importance);

                Tensor Part(Tensor all) => all.narrow(1, start.X, window[0]).narrow(2, start.Y, window[1]).narrow(3, start.Z, window[2]);
            }

        var result = sum / weights;
        for (int axis = 0; axis < 3; axis++)
            result = result.narrow(2 + axis, missing[axis] / 2, size[axis]);
        return result;
    }
}
