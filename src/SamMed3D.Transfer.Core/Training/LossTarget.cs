namespace SamMed3D.Transfer;

/// <summary>The truth that logits are held against. Its tensors live in the dispose scope that it was made in.</summary>
public sealed class LossTarget
{
    private readonly LabelScheme? _scheme;
    private readonly long _channels;

    internal LossTarget(Tensor labels, long channels, LabelScheme? scheme)
    {
        _scheme = scheme is { HasRegions: true } ? scheme : null;
        if (_scheme is not null && _scheme.Structures.Count != channels)
            throw new ArgumentException($"There are {channels} channels for {_scheme.Structures.Count} regions; give one for each.");
        _channels = channels;
        Labels = labels;
        IsExclusive = channels > 1 && _scheme is null;
        var known = labels >= 0;
        Known = known.all().item<bool>() ? null : known.unsqueeze(1);
    }

    /// <summary>[N, X, Y, Z], int64; <see cref="LabelScheme.Ignored"/> where nothing is known.</summary>
    public Tensor Labels { get; }

    /// <summary>[N, 1, X, Y, Z], bool: false where nothing is known, which must give neither loss nor gradient; null where all is known.</summary>
    public Tensor? Known { get; }

    /// <summary>Whether channels are classes of which a voxel has exactly one (softmax), channel 0 the background; else each is a sigmoid of its own.</summary>
    public bool IsExclusive { get; }

    /// <returns>[N, K, X, Y, Z], bool: whether a voxel belongs to a channel's class or region; in no channel where nothing is known.</returns>
    public Tensor Membership()
    {
        using var scope = NewDisposeScope();
        if (_scheme is not null)
            return stack([.. Enumerable.Range(0, _scheme.Structures.Count).Select(region => _scheme.Membership(Labels, region))], 1).MoveToOuterDisposeScope();
        // One channel is that of label 1.
        var classes = _channels == 1 ? ones(1, Labels.dtype, Labels.device) : arange(_channels, Labels.dtype, Labels.device);
        return (Labels.unsqueeze(1) == classes.view(1, -1, 1, 1, 1)).MoveToOuterDisposeScope();
    }

    /// <summary>The mean over the known voxels; 0, without a gradient, where there are none.</summary>
    /// <param name="values">[N, K, X, Y, Z].</param>
    internal Tensor MeanOverKnown(Tensor values)
    {
        if (Known is null)
            return values.mean();
        var zero = zeros([], values.dtype, values.device);
        return where(Known, values, zero).sum() / (Known.sum().to(values.dtype) * values.shape[1]).clamp(min: 1);
    }
}
