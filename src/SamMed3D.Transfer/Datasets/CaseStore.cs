namespace SamMed3D.Transfer;

/// <summary>
/// Preprocessed cases in memory, prepared when they are first asked for. Where they take more than the limit, the one that was not
/// asked for longest is dropped, and prepared again when its turn comes.
/// </summary>
public sealed class CaseStore : IDisposable
{
    private readonly IReadOnlyList<DatasetCase> _cases;
    private readonly Func<DatasetCase, PreprocessedCase> _prepare;
    private readonly long _limitBytes;
    private readonly LinkedList<(int Index, PreprocessedCase Case)> _held = new(); // The latest is first.
    private readonly Dictionary<int, LinkedListNode<(int Index, PreprocessedCase Case)>> _byIndex = [];

    /// <param name="cases">The cases, in an order that stays.</param>
    /// <param name="prepare">Opens and preprocesses a case, such as <see cref="CasePreprocessor.Open"/>.</param>
    /// <param name="limitBytes">Memory for voxels. One case is held even if it is larger.</param>
    /// <exception cref="ArgumentException">There are no cases.</exception>
    public CaseStore(IReadOnlyList<DatasetCase> cases, Func<DatasetCase, PreprocessedCase> prepare, long limitBytes = 4L << 30)
    {
        ArgumentNullException.ThrowIfNull(cases);
        ArgumentNullException.ThrowIfNull(prepare);
        if (cases.Count == 0)
            throw new ArgumentException("Expected a case or more, got none.", nameof(cases));
        _cases = cases;
        _prepare = prepare;
        _limitBytes = limitBytes;
    }

    /// <summary>Number of cases.</summary>
    public int Count => _cases.Count;

    /// <summary>Memory of the voxels held now.</summary>
    public long HeldBytes { get; private set; }

    /// <summary>A case. It stays the store's, and is good until another one is asked for.</summary>
    public PreprocessedCase this[int index]
    {
        get
        {
            if (_byIndex.TryGetValue(index, out var node))
            {
                _held.Remove(node);
                _held.AddFirst(node);
                return node.Value.Case;
            }

            var prepared = _prepare(_cases[index]);
            _byIndex[index] = _held.AddFirst((index, prepared));
            HeldBytes += prepared.Bytes;
            while (HeldBytes > _limitBytes && _held.Count > 1)
                DropOldest();
            return prepared;
        }
    }

    /// <summary>Frees every case.</summary>
    public void Dispose()
    {
        while (_held.Count > 0)
            DropOldest();
    }

    private void DropOldest()
    {
        var (index, prepared) = _held.Last!.Value;
        _held.RemoveLast();
        _byIndex.Remove(index);
        HeldBytes -= prepared.Bytes;
        prepared.Dispose();
    }
}
