namespace SamMed3D.Transfer;

/// <summary>A trained model applied to whole volumes: preprocessing, sliding window, and back onto the grid of the input.</summary>
public sealed class VolumeSegmenter
{
    private readonly CasePreprocessor _preprocessor;
    private readonly SlidingWindow _window;
    private readonly Size3 _size;

    /// <param name="model">[N, C, X, Y, Z] to logits [N, classes, X, Y, Z]; it stays the caller's.</param>
    /// <param name="preprocessor">The preprocessing that the model was trained with.</param>
    /// <param name="options">How the window moves.</param>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public VolumeSegmenter(nn.Module<Tensor, Tensor> model, CasePreprocessor preprocessor, SlidingWindowOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(preprocessor);
        _preprocessor = preprocessor;
        _window = new SlidingWindow(model, options);
        _size = options.Window;
    }

    /// <summary>Segments a volume.</summary>
    /// <param name="volume">As it was read from its file.</param>
    /// <param name="progress">Told about every window.</param>
    /// <param name="stop">Stops between windows.</param>
    /// <returns>Labels on the grid of <paramref name="volume"/>; the caller owns them.</returns>
    /// <exception cref="ArgumentException">The volume has other channels than the model, or cannot be normalised.</exception>
    public LabelVolume Segment(Volume volume, IProgress<SlidingWindowProgress>? progress = null, CancellationToken stop = default)
    {
        using var prepared = _preprocessor.Prepare(volume);
        return Segment(prepared, progress, stop);
    }

    /// <summary>Segments a case that was prepared as the model wants it.</summary>
    /// <param name="prepared">The case.</param>
    /// <param name="progress">Told about every window.</param>
    /// <param name="stop">Stops between windows.</param>
    /// <returns>Labels on the grid of the case's file; the caller owns them.</returns>
    /// <exception cref="ArgumentException">The case has other channels than the model.</exception>
    public LabelVolume Segment(PreprocessedCase prepared, IProgress<SlidingWindowProgress>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(prepared);
        RestoredLabels? labels = null;
        try
        {
            Run(prepared, (_, logits) => (labels ??= prepared.BeginRestoring(logits.shape[0], _preprocessor.Labels)).Add(logits), progress, stop);
            return labels!.Finish();
        }
        finally
        {
            labels?.Dispose();
        }
    }

    /// <summary>Scores a case with labels on the grid that the network sees.</summary>
    internal CaseScores Score(PreprocessedCase prepared, IProgress<SlidingWindowProgress>? progress = null, CancellationToken stop = default)
    {
        using var scope = NewDisposeScope();
        var scheme = _preprocessor.Labels;
        var found = empty(prepared.Image.Geometry.Size.ToArray(), ScalarType.Int32);
        Run(prepared, (first, logits) =>
        {
            using var labels = scheme.LabelsOf(logits);
            using var place = found.narrow(0, first, labels.shape[0]);
            place.copy_(labels);
        }, progress, stop);
        return CaseScores.Compare(prepared.Id, prepared.Labels!.Values, found, scheme);
    }

    /// <summary>Hands on the logits of a case, [classes, planes, Y, Z], in order along X; where a small case is padded, the rest is left out.</summary>
    private void Run(PreprocessedCase prepared, Action<int, Tensor> take, IProgress<SlidingWindowProgress>? progress, CancellationToken stop)
    {
        using var scope = NewDisposeScope();
        var size = prepared.Image.Geometry.Size;
        var (input, before) = prepared.Padded(_size);
        _window.RunInSlabs(input, slab =>
        {
            using var inner = NewDisposeScope();
            int begin = Math.Max(slab.First, before.X), end = Math.Min(slab.First + (int)slab.Values.shape[1], before.X + size.X);
            if (begin < end)
                take(begin - before.X, slab.Values.narrow(1, begin - slab.First, end - begin).narrow(2, before.Y, size.Y).narrow(3, before.Z, size.Z));
        }, progress, stop);
    }
}
