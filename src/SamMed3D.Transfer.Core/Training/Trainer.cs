namespace SamMed3D.Transfer;

/// <summary>Supervised training of a segmentation network.</summary>
public sealed class Trainer : TrainingLoop<SegmentationScores>
{
    private readonly Module<Tensor, Tensor> _model;
    private readonly TrainingOptions _options;

    /// <param name="model">[N, C, X, Y, Z] to logits [N, K, X, Y, Z], already loaded and on its device. It stays the caller's.</param>
    /// <param name="options">How to train.</param>
    /// <exception cref="ArgumentException">The options contradict each other, or nothing of the model is trained.</exception>
    public Trainer(Module<Tensor, Tensor> model, TrainingOptions options)
        : base(Given(model), Given(options).Validated())
    {
        _model = model;
        _options = options;
    }

    private protected override double Backward(TrainingBatch batch)
    {
        using var scope = NewDisposeScope();
        var logits = _model.call(batch.Images.to(Device));
        RequireLabels(batch, logits.shape[1]);
        var loss = _options.Loss.Compute(logits, batch.Labels.to(Device));
        double value = loss.to(ScalarType.Float64).item<double>();
        if (double.IsFinite(value))
            (LossScale == 1 ? loss : loss * LossScale).backward();
        return value;
    }

    /// <summary>On a GPU a label outside the classes ends the process without a word; say it here.</summary>
    private static void RequireLabels(TrainingBatch batch, long channels)
    {
        long classes = Math.Max(2, channels);
        using var scope = NewDisposeScope();
        long lowest = batch.Labels.min().to(ScalarType.Int64).item<long>(), highest = batch.Labels.max().to(ScalarType.Int64).item<long>();
        if (lowest < 0 || highest >= classes)
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
