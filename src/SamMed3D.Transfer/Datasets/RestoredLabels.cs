namespace SamMed3D.Transfer;

/// <summary>
/// Labels on the grid of a case's file, made from logits that come a few planes at a time: the same labels as from the whole logits, without ever holding
/// them. In between, labels take a byte a voxel (four where there are more than 256 values).
/// </summary>
internal abstract class RestoredLabels : IDisposable
{
    private readonly LabelScheme? _scheme;
    private readonly Geometry _source;
    private readonly Tensor _labels;

    private protected RestoredLabels(Geometry source, LabelScheme? scheme, long channels)
    {
        _scheme = scheme;
        _source = source;
        Channels = channels == 1 && RegionValues is null ? 2 : channels;
        long highest = RegionValues?.Max() ?? Channels - 1;
        _labels = zeros(source.Size.ToArray(), highest <= byte.MaxValue ? ScalarType.Byte : ScalarType.Int32).DetachFromDisposeScope();
    }

    /// <summary>Classes with the background, or regions.</summary>
    private protected long Channels { get; }

    /// <summary>The value that each region leaves; null for classes.</summary>
    private protected IReadOnlyList<int>? RegionValues => _scheme?.RegionClassOrder;

    /// <summary>Takes the next planes along X of the grid that the network sees.</summary>
    /// <param name="logits">[K, planes, Y, Z], any device and floating type; K = 1 is one class against background by a sigmoid, where it is no region.</param>
    public void Add(Tensor logits)
    {
        using var scope = NewDisposeScope();
        Take(logits.shape[0] < Channels ? cat([zeros_like(logits), logits]) : logits);
    }

    /// <summary>The labels, once all planes were added; the caller owns them.</summary>
    public LabelVolume Finish()
    {
        using var scope = NewDisposeScope();
        return new LabelVolume(_labels.to(ScalarType.Int32).alias(), _source);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _labels.Dispose();
        Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the subclass holds.</summary>
    private protected virtual void Free()
    {
    }

    /// <summary>Takes planes of two channels or more, or of regions; in a dispose scope.</summary>
    private protected abstract void Take(Tensor logits);

    /// <summary>Stores labels of some planes of the file.</summary>
    /// <param name="labels">[X, Y, Z] of the file, but for the axis only the planes.</param>
    /// <param name="axis">The axis that the planes are perpendicular to.</param>
    /// <param name="first">Index of the first one.</param>
    private protected void Store(Tensor labels, int axis, int first)
    {
        using var planes = _labels.narrow(axis, first, labels.shape[axis]);
        planes.copy_(labels);
    }

    /// <summary>The label of each voxel on the grid that the network sees, of classes or regions.</summary>
    private protected Tensor LabelsOf(Tensor logits) =>
        RegionValues is null ? LabelScheme.Largest(logits) : _scheme!.LabelsOf(logits);
}
