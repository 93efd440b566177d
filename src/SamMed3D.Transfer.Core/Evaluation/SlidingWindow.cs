namespace SamMed3D.Transfer;

/// <summary>
/// Runs a network of fixed input size over a volume of any size: overlapping windows, averaged with weights. Equal to MONAI 1.3.2's
/// <c>sliding_window_inference</c> with zero padding; golden case <c>sliding_window</c>.
/// </summary>
/// <remarks>
/// Windows come in the order of their first plane, so only as many planes are summed up at a time as a window is deep:
/// 4 (K + 1) window.X Y Z bytes, whatever the extent along X. The sums lie on the model's device where they fit into
/// <see cref="SlidingWindowOptions.DeviceSumsMiB"/>, else on the CPU. The volume stays where it is; only windows travel. No gradient is recorded.
/// </remarks>
public sealed class SlidingWindow
{
    private readonly Func<Tensor, Tensor> _network;
    private readonly Module? _model;
    private readonly SlidingWindowOptions _options;
    private readonly long[][] _mirrorings;

    /// <param name="network">[B, C, window] to [B, K, window]; it gives its result away.</param>
    /// <param name="options">How windows are cut.</param>
    public SlidingWindow(Func<Tensor, Tensor> network, SlidingWindowOptions options)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(options);
        _network = network;
        _options = options.Validated();
        _mirrorings = [.. Enumerable.Range(0, 1 << options.MirrorAxes.Count).Select(subset =>
            options.MirrorAxes.Where((_, index) => (subset >> index & 1) != 0).Select(axis => axis + 2L).ToArray())];
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
        Tensor? result = null;
        try
        {
            RunInSlabs(volume, slab =>
            {
                using var scope = NewDisposeScope();
                var values = slab.Values;
                result ??= empty([volume.shape[0], values.shape[0], .. volume.shape[2..]], values.dtype, volume.device).DetachFromDisposeScope();
                result[slab.Sample].narrow(1, slab.First, values.shape[1]).copy_(values);
            }, progress, cancellation);
        }
        catch
        {
            result?.Dispose();
            throw;
        }

        // As everything else that is made, it belongs to the caller's scope where there is one.
        using (result)
            return result!.alias();
    }

    /// <summary>The same, handed on as soon as it is finished, so that it is never held as a whole.</summary>
    /// <param name="volume">[N, C, X, Y, Z], floating point.</param>
    /// <param name="take">Gets every plane along X once, in order, volume by volume.</param>
    /// <param name="progress">Told after each batch of windows.</param>
    /// <param name="cancellation">Checked before each batch of windows.</param>
    /// <exception cref="ArgumentException">The volume is not five-dimensional, or the network changes the size of a window.</exception>
    /// <exception cref="OperationCanceledException">Cancellation was asked for.</exception>
    public void RunInSlabs(
        Tensor volume, Action<WindowSlab> take, IProgress<SlidingWindowProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(volume);
        ArgumentNullException.ThrowIfNull(take);
        if (volume.shape is not [> 0, > 0, > 0 and var x, > 0 and var y, > 0 and var z])
            throw new ArgumentException($"Expected a volume [N, C, X, Y, Z], got [{string.Join(", ", volume.shape)}].", nameof(volume));
        using var mode = _model is null ? no_grad() : new EvaluationMode(_model) as IDisposable;
        using var precision = new PrecisionMode(_model, _options.Precision);
        using var scope = NewDisposeScope();
        var size = new Size3((int)x, (int)y, (int)z);
        var (padded, offset) = Pad(volume, size);
        Blend(padded, (sample, first, planes) =>
        {
            // What was padded is left out again.
            int begin = Math.Max(first, offset.X), end = Math.Min(first + (int)planes.shape[1], offset.X + size.X);
            if (begin < end)
                take(new WindowSlab(sample, begin - offset.X, Part(planes, new(begin - first, offset.Y, offset.Z), new(end - begin, size.Y, size.Z))));
        }, progress, cancellation);
    }

    /// <summary>Where windows are summed up: beside the model where there is room, else on the CPU.</summary>
    internal static DeviceType SumsOn(DeviceType model, long bytes, int limitMiB) =>
        bytes <= (long)limitMiB << 20 ? model : DeviceType.CPU;

    /// <summary>The weighted mean of all windows over volumes that no window is larger than.</summary>
    private void Blend(Tensor volume, Action<int, int, Tensor> take, IProgress<SlidingWindowProgress>? progress, CancellationToken cancellation)
    {
        var size = new Size3((int)volume.shape[2], (int)volume.shape[3], (int)volume.shape[4]);
        var starts = WindowGrid.Starts(size, _options.Window, _options.Overlap);
        (int Sample, Size3 Start)[] windows =
            [.. from sample in Enumerable.Range(0, (int)volume.shape[0]) from start in starts select (sample, start)];
        var sumType = volume.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        int seen = 0, done = 0;
        WindowSums? sums = null;
        try
        {
            foreach (var batch in windows.Chunk(_options.BatchSize))
            {
                using var step = NewDisposeScope();
                var input = cat([.. batch.Select(window => Part(volume.narrow(0, window.Sample, 1), window.Start, _options.Window))]);
                var output = Mirrored(input, sumType, count => progress?.Report(
                    new SlidingWindowProgress(seen += count, windows.Length * _mirrorings.Length)), cancellation);
                sums ??= Begin(output, size, sumType);
                output = output.to(sumType, sums.Device);
                for (int i = 0; i < batch.Length; i++, done++)
                {
                    var (sample, start) = batch[i];
                    if (done > 0 && sample != windows[done - 1].Sample)
                        sums.Finish((first, planes) => take(sample - 1, first, planes));
                    // Windows begin further and further behind: no later one reaches the planes in front of this one.
                    sums.HandOn(start.X, (first, planes) => take(sample, first, planes));
                    using var values = output[i];
                    sums.Add(values, start);
                }
            }

            sums!.Finish((first, planes) => take(windows[^1].Sample, first, planes));
        }
        finally
        {
            sums?.Dispose();
        }
    }

    private WindowSums Begin(Tensor output, Size3 size, ScalarType type)
    {
        using var scope = NewDisposeScope();
        long bytes = WindowSums.Bytes(output.shape[1], size, _options.Window, type);
        var device = SumsOn(output.device_type, bytes, _options.DeviceSumsMiB) == output.device_type ? output.device : CPU;
        return new WindowSums(output.shape[1], size, WindowImportance.Create(_options).to(type, device));
    }

    /// <summary>What the network says of windows: the mean over them as they are and mirrored, where axes are to be mirrored.</summary>
    /// <param name="input">[B, C, window].</param>
    /// <param name="type">What means are made in.</param>
    /// <param name="seen">Told after each pass how many windows it had.</param>
    /// <param name="cancellation">Checked before each pass.</param>
    private Tensor Mirrored(Tensor input, ScalarType type, Action<int> seen, CancellationToken cancellation)
    {
        Tensor? sum = null;
        foreach (long[] axes in _mirrorings)
        {
            cancellation.ThrowIfCancellationRequested();
            using var pass = NewDisposeScope();
            var output = _network(axes.Length == 0 ? input : input.flip(axes));
            RequireWindows(output, (int)input.shape[0]);
            seen((int)input.shape[0]);
            if (_mirrorings.Length == 1)
                return output.MoveToOuterDisposeScope();
            output = output.to(type);
            // A network may give away its input: the sum is a tensor of its own.
            if (sum is null)
                sum = output.clone().MoveToOuterDisposeScope();
            else
                sum.add_(output.flip(axes), HeldScalar.One);
        }

        using Scalar count = _mirrorings.Length;
        return sum!.div_(count);
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
