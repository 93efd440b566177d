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
}
