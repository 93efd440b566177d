namespace SamMed3D.Transfer;

/// <summary>
/// Batches of regions around targets. What is in a batch is a function of the seed and the step alone: every target comes once before any
/// comes again, in an order shuffled for every pass; shift and flips are drawn per sample.
/// </summary>
public sealed class TargetBatchSource : IBatchSource
{
    private readonly TargetRegions _regions;
    private readonly int _maximumShift;
    private readonly RandomFlip _flip;
    private readonly int _batchSize;
    private readonly long _seed;
    private readonly CaseOrder _order;

    /// <param name="regions">The targets.</param>
    /// <param name="maximumShift">Voxels by which a region's middle may lie off its target's, along each axis; a target that would leave the region is not moved as far.</param>
    /// <param name="flips">Which axes are mirrored at random.</param>
    /// <param name="batchSize">Regions per batch.</param>
    /// <param name="seed">The run's.</param>
    /// <exception cref="ArgumentException">There are no targets.</exception>
    public TargetBatchSource(TargetRegions regions, int maximumShift, RandomFlipOptions flips, int batchSize, long seed)
    {
        ArgumentNullException.ThrowIfNull(regions);
        ArgumentOutOfRangeException.ThrowIfNegative(maximumShift);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (regions.Targets.Count == 0)
            throw new ArgumentException("Expected a target or more, got none.", nameof(regions));
        _regions = regions;
        _maximumShift = maximumShift;
        _flip = new RandomFlip(flips);
        _batchSize = batchSize;
        _seed = seed;
        _order = new CaseOrder(regions.Targets.Count, seed);
    }

    /// <inheritdoc/>
    public TrainingBatch BatchAt(long stepIndex)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(stepIndex);
        using var scope = NewDisposeScope();
        var images = new List<Tensor>(_batchSize);
        var labels = new List<Tensor>(_batchSize);
        var names = new List<string>(_batchSize);
        for (var sample = 0; sample < _batchSize; sample++)
        {
            var target = _regions.Targets[_order[stepIndex * _batchSize + sample]];
            var random = new RandomStream(_seed, stepIndex, sample);
            int[] shift = [Drawn(ref random), Drawn(ref random), Drawn(ref random)];
            var (image, label) = Cut(target, shift);
            var (flippedImage, flippedLabel) = _flip.Apply(image, label, () => random.Uniform());
            images.Add(flippedImage);
            labels.Add(flippedLabel);
            names.Add($"{target.CaseId} label {target.Label}");
        }

        return new TrainingBatch(stack(images).MoveToOuterDisposeScope(), stack(labels).MoveToOuterDisposeScope(), names);
    }

    /// <summary>Shifted regions that miss a thin or hollow target are cut around its middle instead.</summary>
    private (Tensor Image, Tensor Labels) Cut(Target target, int[] shift)
    {
        var (image, labels) = _regions.Cut(target, new VoxelIndex(shift[0], shift[1], shift[2]));
        return shift is [0, 0, 0] || labels.any().item<bool>() ? (image, labels) : _regions.Cut(target);
    }

    private int Drawn(ref RandomStream random) => random.Below(2 * _maximumShift + 1) - _maximumShift;
}
