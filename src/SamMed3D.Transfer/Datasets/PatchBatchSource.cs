namespace SamMed3D.Transfer;

/// <summary>
/// Batches of random patches. What is in a batch is a function of the seed and the step alone: every case comes once before any comes
/// again, in an order shuffled for every pass; place and flips are drawn per sample.
/// </summary>
public sealed class PatchBatchSource : IBatchSource
{
    // Samples of a batch are counted from 0, so these streams never meet one.
    private const int ForegroundStream = -1, BatchStream = -2;

    private readonly CaseStore _cases;
    private readonly PatchOptions _options;
    private readonly RandomFlip _flip;
    private readonly int _batchSize;
    private readonly long _seed;
    private readonly CaseOrder _order;
    private readonly ForegroundIndex?[] _foreground;

    /// <param name="cases">Cases with labels. They stay the caller's.</param>
    /// <param name="options">Size of the patches, and where they lie.</param>
    /// <param name="flips">Which axes are mirrored at random.</param>
    /// <param name="batchSize">Patches per batch.</param>
    /// <param name="seed">The run's.</param>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public PatchBatchSource(CaseStore cases, PatchOptions options, RandomFlipOptions flips, int batchSize, long seed)
    {
        ArgumentNullException.ThrowIfNull(cases);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        _cases = cases;
        _options = options.Validated();
        _flip = new RandomFlip(flips);
        _batchSize = batchSize;
        _seed = seed;
        _order = new CaseOrder(cases.Count, seed);
        _foreground = new ForegroundIndex?[cases.Count];
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">A case has no labels, or its files are damaged.</exception>
    public TrainingBatch BatchAt(long stepIndex)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(stepIndex);
        using var scope = NewDisposeScope();
        int centred = CentredPatches(stepIndex);
        var images = new List<Tensor>(_batchSize);
        var labels = new List<Tensor>(_batchSize);
        var ids = new List<string>(_batchSize);
        for (var sample = 0; sample < _batchSize; sample++)
        {
            int index = _order[stepIndex * _batchSize + sample];
            var one = _cases[index];
            if (one.Labels is null)
                throw new InvalidDataException($"Case {one.Id} has no labels; take only cases with labels for training.");
            var random = new RandomStream(_seed, stepIndex, sample);
            var found = _foreground[index] ??= ForegroundIndex.Of(
                one.Labels.Voxels(), _options.RememberedVoxels, new RandomStream(_seed, index, ForegroundStream));
            int? centre = sample < centred ? found.Draw(ref random) : null;
            var place = PatchPlace.Draw(one.Image.Geometry.Size, centre, _options, ref random);
            var (image, label) = _flip.Apply(ImagePatch(one, place), LabelPatch(one, place), () => random.Uniform());
            images.Add(image);
            labels.Add(label);
            ids.Add(one.Id);
        }

        return new TrainingBatch(stack(images).MoveToOuterDisposeScope(), stack(labels).MoveToOuterDisposeScope(), ids);
    }

    /// <summary>The share of the batch, its fraction rounded up or down at random so that it holds on average.</summary>
    private int CentredPatches(long stepIndex) =>
        (int)Math.Floor(_options.ForegroundFraction * _batchSize + new RandomStream(_seed, stepIndex, BatchStream).Uniform());

    private Tensor ImagePatch(PreprocessedCase one, PatchPlace place)
    {
        var patch = one.Outside(_options.PatchSize);
        place.Copy(one.Image.Values, patch);
        return patch;
    }

    private Tensor LabelPatch(PreprocessedCase one, PatchPlace place)
    {
        var patch = zeros(_options.PatchSize.ToArray(), ScalarType.Int64);
        place.Copy(one.Labels!.Values, patch);
        return patch;
    }
}
