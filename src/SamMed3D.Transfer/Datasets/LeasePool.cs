namespace SamMed3D.Transfer;

/// <summary>
/// Things that are opened when first asked for and kept as long as there is room; the one not used for longest goes first, but never one that
/// is in use, nor the latest. Safe for several threads.
/// </summary>
internal sealed class LeasePool<T>(Func<int, T> open, Func<T, long> weigh, long limit) : IDisposable
    where T : class, IDisposable
{
    private readonly object _gate = new(), _opening = new();
    private readonly LinkedList<Held> _held = new(); // The latest is first.
    private readonly Dictionary<int, LinkedListNode<Held>> _byIndex = [];

    /// <summary>Weight of all that is held.</summary>
    public long HeldWeight { get; private set; }

    /// <summary>Takes a thing, which stays as it is until the lease is disposed.</summary>
    public Lease Rent(int index)
    {
        if (TryRent(index) is { } known)
            return known;
        // One at a time: what is being opened takes memory of its own.
        lock (_opening)
        {
            if (TryRent(index) is { } meanwhile)
                return meanwhile;
            var opened = open(index);
            lock (_gate)
            {
                var node = _held.AddFirst(new Held(index, opened, weigh(opened)) { Users = 1 });
                _byIndex[index] = node;
                HeldWeight += node.Value.Weight;
                DropWhatIsTooMuch();
                return new Lease(this, node.Value);
            }
        }
    }

    /// <summary>Frees everything; nothing may be in use.</summary>
    public void Dispose()
    {
        lock (_gate)
            while (_held.Last is { } last)
                Drop(last);
    }

    private Lease? TryRent(int index)
    {
        lock (_gate)
        {
            if (!_byIndex.TryGetValue(index, out var node))
                return null;
            _held.Remove(node);
            _held.AddFirst(node);
            node.Value.Users++;
            return new Lease(this, node.Value);
        }
    }

    private void Return(Held held)
    {
        lock (_gate)
        {
            held.Users--;
            DropWhatIsTooMuch();
        }
    }

    private void DropWhatIsTooMuch()
    {
        for (var node = _held.Last; node is not null && node != _held.First && HeldWeight > limit;)
        {
            var before = node.Previous;
            if (node.Value.Users == 0)
                Drop(node);
            node = before;
        }
    }

    private void Drop(LinkedListNode<Held> node)
    {
        _held.Remove(node);
        _byIndex.Remove(node.Value.Index);
        HeldWeight -= node.Value.Weight;
        node.Value.Thing.Dispose();
    }

    /// <summary>A thing in use.</summary>
    public readonly struct Lease : IDisposable
    {
        private readonly LeasePool<T> _pool;
        private readonly Held _held;

        internal Lease(LeasePool<T> pool, Held held)
        {
            _pool = pool;
            _held = held;
        }

        /// <summary>The thing.</summary>
        public T Thing => _held.Thing;

        /// <inheritdoc/>
        public void Dispose() => _pool.Return(_held);
    }

    internal sealed class Held(int index, T thing, long weight)
    {
        public int Index => index;

        public T Thing => thing;

        public long Weight => weight;

        public int Users { get; set; }
    }
}
