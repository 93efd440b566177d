namespace SamMed3D.Transfer;

/// <summary>
/// Preprocessed cases, prepared when they are first asked for. Without a cache they are in memory: where they take more than the limit, the one
/// that was not asked for longest is dropped, and prepared again when its turn comes. With a cache they are on disk, and patches are read from there.
/// </summary>
public sealed class CaseStore : IDisposable
{
    /// <summary>Open files of a cache, of the thousand or so that a process may have.</summary>
    private const int OpenEntries = 200;

    private readonly IReadOnlyList<DatasetCase> _cases;
    private readonly LeasePool<PreprocessedCase> _whole;
    private readonly LeasePool<CachedCase>? _entries;

    /// <summary>Cases in memory.</summary>
    /// <param name="cases">The cases, in an order that stays.</param>
    /// <param name="prepare">Opens and preprocesses a case, such as <see cref="CasePreprocessor.Open"/>.</param>
    /// <param name="limitBytes">Memory for voxels. One case is held even if it is larger.</param>
    /// <exception cref="ArgumentException">There are no cases.</exception>
    public CaseStore(IReadOnlyList<DatasetCase> cases, Func<DatasetCase, PreprocessedCase> prepare, long limitBytes = 4L << 30)
    {
        ArgumentNullException.ThrowIfNull(prepare);
        _cases = Required(cases);
        _whole = new(index => prepare(_cases[index]), one => one.Bytes, limitBytes);
    }

    /// <summary>Cases in a cache.</summary>
    /// <param name="cases">The cases, in an order that stays.</param>
    /// <param name="cache">Where they are, or will be.</param>
    /// <param name="limitBytes">Memory for voxels of cases that are asked for whole. One case is held even if it is larger.</param>
    /// <exception cref="ArgumentException">There are no cases.</exception>
    public CaseStore(IReadOnlyList<DatasetCase> cases, CaseCache cache, long limitBytes = 1L << 30)
    {
        ArgumentNullException.ThrowIfNull(cache);
        _cases = Required(cases);
        _entries = new(index => new CachedCase(cache, _cases[index]), _ => 1, OpenEntries);
        _whole = new(index =>
        {
            using var entry = _entries.Rent(index);
            return entry.Thing.Load();
        }, one => one.Bytes, limitBytes);
    }

    /// <summary>Cases in memory, or in a cache where there is a folder for it.</summary>
    /// <param name="cases">The cases, in an order that stays.</param>
    /// <param name="preprocessor">Makes them.</param>
    /// <param name="cacheFolder">The cache's folder; null for none.</param>
    internal static CaseStore Of(IReadOnlyList<DatasetCase> cases, CasePreprocessor preprocessor, string? cacheFolder) =>
        cacheFolder is null ? new(cases, preprocessor.Open) : new(cases, new CaseCache(cacheFolder, preprocessor));

    /// <summary>Number of cases.</summary>
    public int Count => _cases.Count;

    /// <summary>Memory of the voxels held now.</summary>
    public long HeldBytes => _whole.HeldWeight;

    /// <summary>A whole case. It stays the store's, and is good until another one is asked for.</summary>
    public PreprocessedCase this[int index]
    {
        get
        {
            using var one = _whole.Rent(index);
            return one.Thing;
        }
    }

    /// <summary>Makes a case ready, in memory or in the cache, so that what is broken shows; voxels that are in the cache are not read.</summary>
    /// <returns>The case's id.</returns>
    /// <exception cref="InvalidDataException">A file of the case is damaged, or does not fit the data set.</exception>
    public string Prepare(int index)
    {
        using var lease = Lease(index);
        return lease.Case.Id;
    }

    /// <summary>Frees every case; none may be in use.</summary>
    public void Dispose()
    {
        _whole.Dispose();
        _entries?.Dispose();
    }

    /// <summary>Takes a case for reading. Safe for several threads.</summary>
    /// <exception cref="InvalidDataException">It cannot be opened; the message has the file or the case.</exception>
    internal CaseLease Lease(int index)
    {
        try
        {
            if (_entries is null)
            {
                var one = _whole.Rent(index);
                return new CaseLease(one.Thing, one);
            }

            var entry = _entries.Rent(index);
            return new CaseLease(entry.Thing, entry);
        }
        catch (Exception error) when (error is IOException and not FileNotFoundException or UnauthorizedAccessException)
        {
            throw PatchCut.Named(_cases[index].Id, error);
        }
    }

    private static IReadOnlyList<DatasetCase> Required(IReadOnlyList<DatasetCase> cases)
    {
        ArgumentNullException.ThrowIfNull(cases);
        return cases.Count > 0 ? cases : throw new ArgumentException("Expected a case or more, got none.", nameof(cases));
    }
}
