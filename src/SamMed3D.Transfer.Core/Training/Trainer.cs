namespace SamMed3D.Transfer;

/// <summary>Supervised training of a segmentation network.</summary>
public sealed class Trainer : TrainingLoop<SegmentationScores>
{
    private readonly Module<Tensor, Tensor> _model;
    private readonly TrainingOptions _options;
    private readonly LabelScheme? _labels;

    /// <param name="model">[N, C, X, Y, Z] to logits [N, K, X, Y, Z], already loaded and on its device. It stays the caller's.</param>
    /// <param name="options">How to train.</param>
    /// <param name="labels">What the labels of batches mean; null for the classes 0 to K - 1 of K channels.</param>
    /// <exception cref="ArgumentException">The options contradict each other, or nothing of the model is trained.</exception>
    public Trainer(Module<Tensor, Tensor> model, TrainingOptions options, LabelScheme? labels = null)
        : base(Given(model), Given(options).Validated())
    {
        _model = model;
        _options = options;
        _labels = labels;
    }

    private protected override double Backward(TrainingBatch batch)
    {
        using var scope = NewDisposeScope();
        var logits = _model.call(batch.Images.to(Device));
        RequireLabels(batch, logits.shape[1]);
        var loss = _options.Loss.Compute(logits, batch.Labels.to(Device), _labels);
        double value = loss.to(ScalarType.Float64).item<double>();
        if (double.IsFinite(value))
            (LossScale == 1 ? loss : loss * LossScale).backward();
        return value;
    }

    /// <summary>On a GPU a label outside the classes ends the process without a word; say it here.</summary>
    private void RequireLabels(TrainingBatch batch, long channels)
    {
        long classes = _labels?.ValueCount ?? Math.Max(2, channels);
        using var scope = NewDisposeScope();
        long lowest = batch.Labels.min().to(ScalarType.Int64).item<long>(), highest = batch.Labels.max().to(ScalarType.Int64).item<long>();
        if (lowest < LabelScheme.Ignored || highest >= classes)
            throw new ArgumentException(
                $"The labels of cases {string.Join(", ", batch.CaseIds)} are {lowest} to {highest}; the model has {classes} classes, 0 to {classes - 1}.");
    }

    private static T Given<T>(T value)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(value);
        return value;
    }
}
