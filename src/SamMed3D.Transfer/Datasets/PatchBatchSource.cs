namespace SamMed3D.Transfer;

/// <summary>
/// Batches of random patches. What is in a batch is a function of the seed and the step alone: every case comes once before any comes
/// again, in an order shuffled for every pass; place, flips and the other augmentations are drawn per sample.
/// </summary>
public sealed class PatchBatchSource : IBatchSource
{
    // Samples of a batch are counted from 0, so these streams never meet one.
    private const int ForegroundStream = -1, BatchStream = -2;

    /// <summary>Added to the sample's number: place and flips stay what they are without augmentations.</summary>
    internal const int AugmentationStream = 1 << 24;

    private readonly CaseStore _cases;
    private readonly PatchOptions _options;
    private readonly RandomFlip _flip;
    private readonly Augmentation _augmentation;
    private readonly int _batchSize;
    private readonly long _seed;
    private readonly CaseOrder _order;
    private readonly ForegroundIndex?[] _foreground;

    /// <param name="cases">Cases with labels. They stay the caller's.</param>
    /// <param name="options">Size of the patches, and where they lie.</param>
    /// <param name="flips">Which axes are mirrored at random.</param>
    /// <param name="batchSize">Patches per batch.</param>
    /// <param name="seed">The run's.</param>
    /// <param name="augmentation">How the patches are varied besides; null for not at all.</param>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public PatchBatchSource(
        CaseStore cases, PatchOptions options, RandomFlipOptions flips, int batchSize, long seed, AugmentationOptions? augmentation = null)
    {
        ArgumentNullException.ThrowIfNull(cases);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        _cases = cases;
        _options = options.Validated();
        _flip = new RandomFlip(flips);
        _augmentation = new Augmentation(augmentation ?? new());
        _batchSize = batchSize;
        _seed = seed;
        _order = new CaseOrder(cases.Count, seed);
        _foreground = new ForegroundIndex?[cases.Count];
    }

    /// <inheritdoc/>
    /// <remarks>Safe for several threads at once.</remarks>
    /// <exception cref="InvalidDataException">A case has no labels, or its files are damaged.</exception>
    public TrainingBatch BatchAt(long stepIndex)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(stepIndex);
        using var scope = NewDisposeScope();
        int centred = CentredPatches(stepIndex);
        int[] drawn = [.. Enumerable.Range(0, _batchSize).Select(sample => _order[stepIndex * _batchSize + sample])];
        var (size, voxels) = (_options.PatchSize, _options.PatchSize.Count);
        var labels = empty([_batchSize, .. size.ToArray()], ScalarType.Int64);
        Tensor? images = null;
        var ids = new List<string>(_batchSize);
        for (var sample = 0; sample < _batchSize; sample++)
        {
            using var lease = _cases.Lease(drawn[sample]);
            var one = lease.Case;
            images ??= empty([_batchSize, one.Channels, .. size.ToArray()], ScalarType.Float32);
            long channels = images.shape[1];
            if (one.Channels != channels)
                throw new InvalidDataException($"Case {one.Id} has {one.Channels} channels, case {ids[0]} has {channels}; they cannot be in one batch.");
            try
            {
                Cut(one, drawn[sample], sample < centred, new RandomStream(_seed, stepIndex, sample), new RandomStream(_seed, stepIndex, sample + AugmentationStream),
                    VoxelMemory.Of<float>(images, sample * channels * voxels, channels * voxels), VoxelMemory.Of<long>(labels, sample * voxels, voxels));
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                throw PatchCut.Named(one.Id, error);
            }

            ids.Add(one.Id);
        }

        return new TrainingBatch(images!.MoveToOuterDisposeScope(), labels.MoveToOuterDisposeScope(), ids);
    }

    private void Cut(IVoxelSource one, int index, bool isCentred, RandomStream random, RandomStream varied, Span<float> image, Span<long> labels)
    {
        if (!one.HasLabels)
            throw new InvalidDataException($"Case {one.Id} has no labels; take only cases with labels for training.");
        var found = _foreground[index] ??= ForegroundIndex.Of(one, _options.RememberedVoxels, new RandomStream(_seed, index, ForegroundStream));
        int? centre = isCentred ? found.Draw(random) : null;
        var size = _options.PatchSize;
        var place = PatchPlace.Draw(one.Geometry.Size, centre, _options, random);
        int[] mirrored = _flip.Draw(random.Uniform);
        var cut = new PatchCut(one, place, size, _augmentation.DrawSpatial(size, one.Geometry.Spacing, varied));
        cut.Image(image);
        cut.Labels(labels);
        RandomFlip.Mirror(image, size, mirrored);
        RandomFlip.Mirror(labels, size, mirrored);
        _augmentation.ChangeIntensities(image, size, varied);
    }

    /// <summary>The share of the batch, its fraction rounded up or down at random so that it holds on average.</summary>
    private int CentredPatches(long stepIndex) =>
        (int)Math.Floor(_options.ForegroundFraction * _batchSize + new RandomStream(_seed, stepIndex, BatchStream).Uniform());
}
