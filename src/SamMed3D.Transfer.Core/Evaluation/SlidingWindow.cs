namespace SamMed3D.Transfer;

/// <summary>
/// Runs a network of fixed input size over a volume of any size: overlapping windows, averaged with weights. Equal to MONAI 1.3.2's
/// <c>sliding_window_inference</c> with zero padding; golden case <c>sliding_window</c>.
/// </summary>
/// <remarks>
/// The result is summed up in place on the volume's device, while windows go to the model's: a volume that is larger than the GPU's memory stays
/// on the CPU and only windows travel. No gradient is recorded.
/// </remarks>
public sealed class SlidingWindow
{
    private readonly Func<Tensor, Tensor> _network;
    private readonly Module? _model;
    private readonly SlidingWindowOptions _options;

    /// <param name="network">[B, C, window] to [B, K, window]; it gives its result away.</param>
    /// <param name="options">How windows are cut.</param>
    public SlidingWindow(Func<Tensor, Tensor> network, SlidingWindowOptions options)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(options);
        _network = network;
        _options = options.Validated();
    }

    /// <param name="model">[B, C, window] to [B, K, window]; it stays the caller's, and in the training mode that it is in.</param>
    /// <param name="options">How windows are cut.</param>
    public SlidingWindow(Module<Tensor, Tensor> model, SlidingWindowOptions options)
        : this(OnItsDevice(model), options) => _model = model;

    /// <summary>The network's output for a whole volume. Axes shorter than the window are zero-padded on both sides meanwhile.</summary>
    /// <param name="volume">[N, C, X, Y, Z], floating point.</param>
    /// <param name="progress">Told after each batch of windows.</param>
    /// <param name="cancellation">Checked before each batch of windows.</param>
    /// <returns>[N, K, X, Y, Z], float32 (float64 for a float64 volume), on the volume's device; the caller owns it.</returns>
    /// <exception cref="ArgumentException">The volume is not five-dimensional, or the network changes the size of a window.</exception>
    /// <exception cref="OperationCanceledException">Cancellation was asked for.</exception>
    public Tensor Run(Tensor volume, IProgress<SlidingWindowProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(volume);
        if (volume.shape is not [> 0, > 0, > 0 and var x, > 0 and var y, > 0 and var z])
            throw new ArgumentException($"Expected a volume [N, C, X, Y, Z], got [{string.Join(", ", volume.shape)}].", nameof(volume));
        using var mode = _model is null ? no_grad() : new EvaluationMode(_model) as IDisposable;
        using var precision = new PrecisionMode(_model, _options.Precision);
        using var scope = NewDisposeScope();
        var size = new Size3((int)x, (int)y, (int)z);
        var (padded, offset) = Pad(volume, size);
        var blended = Blend(padded, progress, cancellation);
        return Part(blended, offset, size).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>The weighted mean of all windows over a volume that no window is larger than.</summary>
    private Tensor Blend(Tensor volume, IProgress<SlidingWindowProgress>? progress, CancellationToken cancellation)
    {
        var size = new Size3((int)volume.shape[2], (int)volume.shape[3], (int)volume.shape[4]);
        var starts = WindowGrid.Starts(size, _options.Window, _options.Overlap);
        (int Sample, Size3 Start)[] windows =
            [.. from sample in Enumerable.Range(0, (int)volume.shape[0]) from start in starts select (sample, start)];
        var sumType = volume.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        var importance = WindowImportance.Create(_options).to(sumType, volume.device);
        var weights = zeros(size.ToArray(), sumType, volume.device);
        foreach (var start in starts)
            using (var region = Part(weights, start, _options.Window))
                region.add_(importance);

        Tensor? sum = null;
        int done = 0;
        foreach (var batch in windows.Chunk(_options.BatchSize))
        {
            cancellation.ThrowIfCancellationRequested();
            using var step = NewDisposeScope();
            var input = cat([.. batch.Select(window => Part(volume.narrow(0, window.Sample, 1), window.Start, _options.Window))]);
            var output = _network(input);
            RequireWindows(output, batch.Length);
            output = output.to(sumType, volume.device);
            sum ??= zeros([volume.shape[0], output.shape[1], size.X, size.Y, size.Z], sumType, volume.device).MoveToOuterDisposeScope();
            for (int i = 0; i < batch.Length; i++)
                Part(sum.narrow(0, batch[i].Sample, 1), batch[i].Start, _options.Window).addcmul_(output.narrow(0, i, 1), importance, 1);
            progress?.Report(new SlidingWindowProgress(done += batch.Length, windows.Length));
        }

        return sum!.div_(weights);
    }

    /// <summary>A view of a box of the last three axes.</summary>
    private static Tensor Part(Tensor whole, Size3 start, Size3 size)
    {
        using var scope = NewDisposeScope();
        int first = (int)whole.ndim - 3;
        return whole.narrow(first, start.X, size.X).narrow(first + 1, start.Y, size.Y).narrow(first + 2, start.Z, size.Z)
            .MoveToOuterDisposeScope();
    }

    /// <summary>Zero-pads short axes to the window, half in front (rounded down), the rest behind.</summary>
    /// <returns>The volume, and where the original one starts in it.</returns>
    private (Tensor Volume, Size3 Offset) Pad(Tensor volume, Size3 size)
    {
        int[] missing = [.. Enumerable.Range(0, 3).Select(axis => Math.Max(0, _options.Window[axis] - size[axis]))];
        if (missing is [0, 0, 0])
            return (volume.alias(), 0);
        long[] bothSides = [.. Enumerable.Range(0, 3).Reverse().SelectMany(axis => new long[] { missing[axis] / 2, missing[axis] - missing[axis] / 2 })];
        return (functional.pad(volume, bothSides), new Size3(missing[0] / 2, missing[1] / 2, missing[2] / 2));
    }

    private void RequireWindows(Tensor output, int count)
    {
        var window = _options.Window;
        if (output.shape is not [var n, > 0, var x, var y, var z] || n != count || x != window.X || y != window.Y || z != window.Z)
            throw new ArgumentException(
                $"The network gave [{string.Join(", ", output.shape)}] for {count} windows of {window}; expected [{count}, K, {window.X}, {window.Y}, {window.Z}].");
    }

    private static Func<Tensor, Tensor> OnItsDevice(Module<Tensor, Tensor> model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return windows =>
        {
            if (model.parameters().FirstOrDefault() is not { } parameter)
                return model.call(windows);
            using var moved = windows.to(parameter.dtype, parameter.device);
            return model.call(moved);
        };
    }
}
