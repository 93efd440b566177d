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
        using var logits = Logits(prepared, progress, stop);
        return prepared.Restore(logits, _preprocessor.Labels);
    }

    /// <summary>Scores a case with labels on the grid that the network sees.</summary>
    internal CaseScores Score(PreprocessedCase prepared, CancellationToken stop = default)
    {
        using var scope = NewDisposeScope();
        var labels = _preprocessor.Labels;
        return CaseScores.Compare(prepared.Id, prepared.Labels!.Values, labels.LabelsOf(Logits(prepared, null, stop)), labels);
    }

    /// <summary>[classes, X, Y, Z] on the CPU.</summary>
    private Tensor Logits(PreprocessedCase prepared, IProgress<SlidingWindowProgress>? progress, CancellationToken stop) =>
        prepared.Predict(volume => _window.Run(volume, progress, stop), _size);
}
