using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace SamMed3D.Transfer;

/// <summary>
/// Makes the next batches on threads of its own while the trainer computes. The batches are those of the source, whatever the number of workers:
/// each is a function of its step alone. Not more than a chosen number is ever ready or in the making.
/// </summary>
/// <remarks>
/// With several workers the source's <see cref="IBatchSource.BatchAt"/> is called on several threads at once. It should not compute with torch
/// there: each thread would get a team of torch threads of its own. <see cref="PatchBatchSource"/> and <see cref="TargetBatchSource"/> keep to both.
/// </remarks>
public sealed class PrefetchedBatches : IBatchSource, IDisposable
{
    private readonly IBatchSource _source;
    private readonly int _capacity;
    private readonly long _stepCount;
    private readonly Thread[] _workers;
    private readonly object _gate = new();
    private readonly Dictionary<long, Made> _ready = [];
    private long _wanted; // The step that the trainer will ask for next.
    private long _begun; // The next step that a worker will take.
    private long _asked = -1; // The step that the trainer waits for, or had last.
    private long _waitTicks;
    private int _jumps; // Batches begun before a jump belong to nobody.
    private bool _isStarted, _isDisposed;

    /// <summary>Starts no thread yet; the first batch that is asked for does.</summary>
    /// <param name="source">Makes the batches. It stays the caller's, and must live until this is disposed.</param>
    /// <param name="workers">Threads. 0 makes each batch when it is asked for, on the caller's thread.</param>
    /// <param name="prefetch">Batches that may be ready or in the making; at least as many as workers are used.</param>
    /// <param name="stepCount">Steps of the training, so that no batch is made for nothing at its end; endless unless told.</param>
    public PrefetchedBatches(IBatchSource source, int workers = 1, int prefetch = 2, long stepCount = long.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfNegative(workers);
        ArgumentOutOfRangeException.ThrowIfLessThan(prefetch, 1);
        _source = source;
        _capacity = Math.Max(prefetch, workers);
        _stepCount = stepCount;
        _workers = [.. Enumerable.Range(0, workers).Select(index => new Thread(Work) { IsBackground = true, Name = $"batches {index}" })];
    }

    /// <summary>How long the callers of <see cref="BatchAt"/> have waited altogether: what the data cost the training.</summary>
    public TimeSpan WaitTime => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _waitTicks));

    /// <summary>Batches that are ready.</summary>
    public int ReadyCount
    {
        get
        {
            lock (_gate)
                return _ready.Count;
        }
    }

    /// <inheritdoc/>
    /// <remarks>For one thread. Steps that follow each other are ready early; another step than the next begins anew there.</remarks>
    /// <exception cref="ObjectDisposedException">It has been disposed.</exception>
    public TrainingBatch BatchAt(long stepIndex)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(stepIndex);
        long begin = Stopwatch.GetTimestamp();
        try
        {
            return _workers.Length == 0 ? _source.BatchAt(stepIndex) : Take(stepIndex);
        }
        finally
        {
            Interlocked.Add(ref _waitTicks, Stopwatch.GetTimestamp() - begin);
        }
    }

    /// <summary>Waits for the batches in the making, ends the threads, and disposes what nobody took.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            Monitor.PulseAll(_gate);
        }

        if (_isStarted)
            foreach (var worker in _workers)
                worker.Join();
        Forget();
    }

    private TrainingBatch Take(long stepIndex)
    {
        Made made;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!_isStarted || stepIndex != _wanted)
                BeginAt(stepIndex);
            _asked = stepIndex;
            Monitor.PulseAll(_gate);
            while (!_ready.Remove(stepIndex, out made!))
            {
                Monitor.Wait(_gate);
                ObjectDisposedException.ThrowIf(_isDisposed, this);
            }

            _wanted = stepIndex + 1;
            Monitor.PulseAll(_gate);
        }

        made.Error?.Throw();
        return made.Batch!;
    }

    private void BeginAt(long stepIndex)
    {
        _wanted = _begun = stepIndex;
        _jumps++;
        Forget();
        if (!_isStarted)
            foreach (var worker in _workers)
                worker.Start();
        _isStarted = true;
    }

    private void Forget()
    {
        foreach (var made in _ready.Values)
            made.Batch?.Dispose();
        _ready.Clear();
    }

    private void Work()
    {
        while (NextStep() is (var step, var jumps))
        {
            Made made;
            try
            {
                made = new Made(_source.BatchAt(step), null);
            }
            catch (Exception error)
            {
                // The training thread meets it when it comes to this step.
                made = new Made(null, ExceptionDispatchInfo.Capture(error));
            }

            lock (_gate)
            {
                if (jumps == _jumps && !_isDisposed)
                    _ready[step] = made;
                else
                    made.Batch?.Dispose();
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>Waits until there is room for a batch; null when all is over.</summary>
    private (long Step, int Jumps)? NextStep()
    {
        lock (_gate)
        {
            // What the trainer asks for is made in any case, even beyond the steps that were told.
            while (!_isDisposed && !(_begun < _wanted + _capacity && (_begun < _stepCount || _begun == _asked)))
                Monitor.Wait(_gate);
            return _isDisposed ? null : (_begun++, _jumps);
        }
    }

    private sealed record Made(TrainingBatch? Batch, ExceptionDispatchInfo? Error);
}
