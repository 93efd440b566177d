namespace SamMed3D.Transfer;

/// <summary>A case in the cache. A damaged entry is noticed when the damage is read, built anew, and read again.</summary>
internal sealed class CachedCase : IVoxelSource, IDisposable
{
    private readonly CaseCache _cache;
    private readonly DatasetCase _one;
    private readonly object _repairing = new();
    private CaseEntry _entry;

    /// <exception cref="InvalidDataException">The case is not there and cannot be preprocessed.</exception>
    public CachedCase(CaseCache cache, DatasetCase one)
    {
        _cache = cache;
        _one = one;
        _entry = cache.Open(one);
    }

    /// <inheritdoc/>
    public string Id => _one.Id;

    /// <inheritdoc/>
    public Geometry Geometry => _entry.Header.Geometry;

    /// <inheritdoc/>
    public int Channels => OutsideValues.Count;

    /// <inheritdoc/>
    public bool HasLabels => _entry.Header.LabelBytes > 0;

    /// <inheritdoc/>
    public IReadOnlyList<float> OutsideValues => _entry.Header.OutsideValues;

    /// <inheritdoc/>
    public void ReadImage(int channel, PatchPlace place, Size3 size, Span<float> box)
    {
        for (var entry = _entry; ; entry = Repair(entry))
            try
            {
                entry.ReadImage(channel, place, size, box);
                return;
            }
            catch (BrokenEntryException reason)
            {
                RequireFirst(entry, reason);
            }
    }

    /// <inheritdoc/>
    public void ReadLabels(PatchPlace place, Size3 size, Span<int> box)
    {
        for (var entry = _entry; ; entry = Repair(entry))
            try
            {
                entry.ReadLabels(place, size, box);
                return;
            }
            catch (BrokenEntryException reason)
            {
                RequireFirst(entry, reason);
            }
    }

    /// <summary>The whole case; the caller owns it.</summary>
    public PreprocessedCase Load()
    {
        var size = Geometry.Size;
        var image = new Volume(empty([Channels, .. size.ToArray()], ScalarType.Float32), Geometry);
        LabelVolume? labels = null;
        try
        {
            for (var channel = 0; channel < Channels; channel++)
                ReadImage(channel, default, size, image.Voxels(channel));
            if (HasLabels)
            {
                labels = new LabelVolume(empty(size.ToArray(), ScalarType.Int32), Geometry);
                ReadLabels(default, size, labels.Voxels());
            }

            return new PreprocessedCase(Id, image, labels, _entry.Header.Source, OutsideValues);
        }
        catch
        {
            image.Dispose();
            labels?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _entry.Dispose();

    /// <summary>Whoever comes first builds it; another thread that met the same damage gets the result.</summary>
    private CaseEntry Repair(CaseEntry broken)
    {
        lock (_repairing)
        {
            // The broken one is closed by its finalizer: another thread may be reading what is sound of it.
            if (ReferenceEquals(_entry, broken))
                _entry = _cache.Open(_one, isDamaged: true);
            return _entry;
        }
    }

    private static void RequireFirst(CaseEntry entry, BrokenEntryException reason)
    {
        if (entry.IsRepaired)
            throw new InvalidDataException($"{reason.Message} It was just built anew: is the disk sound?", reason);
    }
}
