namespace SamMed3D.Transfer;

/// <summary>
/// Batches of regions around targets. What is in a batch is a function of the seed and the step alone: every target comes once before any
/// comes again, in an order shuffled for every pass; shift, flips and the other augmentations are drawn per sample.
/// </summary>
public sealed class TargetBatchSource : IBatchSource
{
    private readonly TargetRegions _regions;
    private readonly int _maximumShift;
    private readonly RandomFlip _flip;
    private readonly Augmentation _augmentation;
    private readonly int _batchSize;
    private readonly long _seed;
    private readonly CaseOrder _order;

    /// <param name="regions">The targets.</param>
    /// <param name="maximumShift">Voxels by which a region's middle may lie off its target's, along each axis; a target that would leave the region is not moved as far.</param>
    /// <param name="flips">Which axes are mirrored at random.</param>
    /// <param name="batchSize">Regions per batch.</param>
    /// <param name="seed">The run's.</param>
    /// <param name="augmentation">How the regions are varied besides; null for not at all.</param>
    /// <exception cref="ArgumentException">There are no targets.</exception>
    public TargetBatchSource(
        TargetRegions regions, int maximumShift, RandomFlipOptions flips, int batchSize, long seed, AugmentationOptions? augmentation = null)
    {
        ArgumentNullException.ThrowIfNull(regions);
        ArgumentOutOfRangeException.ThrowIfNegative(maximumShift);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (regions.Targets.Count == 0)
            throw new ArgumentException("Expected a target or more, got none.", nameof(regions));
        _regions = regions;
        _maximumShift = maximumShift;
        _flip = new RandomFlip(flips);
        _augmentation = new Augmentation(augmentation ?? new());
        _batchSize = batchSize;
        _seed = seed;
        _order = new CaseOrder(regions.Targets.Count, seed);
    }

    /// <inheritdoc/>
    /// <remarks>Safe for several threads at once.</remarks>
    public TrainingBatch BatchAt(long stepIndex)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(stepIndex);
        using var scope = NewDisposeScope();
        Target[] drawn = [.. Enumerable.Range(0, _batchSize).Select(sample => _regions.Targets[_order[stepIndex * _batchSize + sample]])];
        var size = _regions.Size;
        long voxels = size.Count, channels = _regions.ChannelsOf(drawn[0]);
        var images = empty([_batchSize, channels, .. size.ToArray()], ScalarType.Float32);
        var labels = empty([_batchSize, 1, .. size.ToArray()], ScalarType.Int64);
        for (var sample = 0; sample < _batchSize; sample++)
        {
            var random = new RandomStream(_seed, stepIndex, sample);
            var image = VoxelMemory.Of<float>(images, sample * channels * voxels, channels * voxels);
            var label = VoxelMemory.Of<long>(labels, sample * voxels, voxels);
            var varied = new RandomStream(_seed, stepIndex, sample + PatchBatchSource.AugmentationStream);
            Cut(drawn[sample], new VoxelIndex(Drawn(random), Drawn(random), Drawn(random)),
                _augmentation.DrawSpatial(size, _regions.SpacingOf(drawn[sample]), varied), image, label);
            int[] mirrored = _flip.Draw(random.Uniform);
            RandomFlip.Mirror(image, size, mirrored);
            RandomFlip.Mirror(label, size, mirrored);
            _augmentation.ChangeIntensities(image, size, varied);
        }

        return new TrainingBatch(
            images.MoveToOuterDisposeScope(), labels.MoveToOuterDisposeScope(), [.. drawn.Select(target => $"{target.CaseId} label {target.Label}")]);
    }

    /// <summary>Shifted regions that miss a thin or hollow target are cut around its middle instead, and then as it is.</summary>
    private void Cut(Target target, VoxelIndex shift, SpatialTransform? spatial, Span<float> image, Span<long> labels)
    {
        _regions.Cut(target, shift, spatial, image, labels);
        if (shift != default && labels.IndexOf(1) < 0)
            _regions.Cut(target, default, spatial, image, labels);
        if (spatial is not null && labels.IndexOf(1) < 0)
            _regions.Cut(target, default, null, image, labels);
    }

    private int Drawn(RandomStream random) => random.Below(2 * _maximumShift + 1) - _maximumShift;
}
