namespace SamMed3D.Transfer;

/// <summary>
/// Supervised training: take a batch, forward, loss, backward, clip, step, report. It opens no file and prints nothing; saving and
/// printing are done by whoever listens.
/// </summary>
public sealed class Trainer : IDisposable
{
    private readonly Module<Tensor, Tensor> _model;
    private readonly TrainingOptions _options;
    private readonly Device _device;

    /// <param name="model">[N, C, X, Y, Z] to logits [N, K, X, Y, Z], already loaded and on its device. It stays the caller's.</param>
    /// <param name="options">How to train.</param>
    /// <exception cref="ArgumentException">The options contradict each other, or nothing of the model is trained.</exception>
    public Trainer(Module<Tensor, Tensor> model, TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        _model = model;
        _options = options.Validated();
        Groups = new ParameterGroups(model, options.Freezing, options.LayerRateDecay);
        Optimizer = Groups.CreateAdamW(options);
        _device = Groups.Trained.First().device;
    }

    /// <summary>What learns, from which step, how fast, and with weight decay or without.</summary>
    public ParameterGroups Groups { get; }

    /// <summary>The optimizer, for saving its state and putting it back.</summary>
    public AdamW Optimizer { get; }

    /// <summary>Steps done. Set it, with weights and optimizer state, to go on where another run stopped.</summary>
    public long CompletedSteps { get; set; }

    /// <summary>Trains until <see cref="TrainingOptions.Steps"/> are done or cancellation is asked for; a step that was begun is finished.</summary>
    /// <param name="batches">Where batches come from.</param>
    /// <param name="progress">
    /// Told after each step and its validation, between steps: a synchronous listener may read or save the model.
    /// </param>
    /// <param name="validate">
    /// Scores the model every <see cref="TrainingOptions.ValidateEvery"/> steps and after the last; it gets the number of steps done, and
    /// finds the model in evaluation mode, without gradients.
    /// </param>
    /// <param name="cancellation">Stops the training between steps.</param>
    /// <returns>Whether all steps are done; false when cancelled.</returns>
    /// <exception cref="TrainingDivergedException">The loss or the gradient is infinite or NaN.</exception>
    /// <exception cref="ArgumentException">A batch doesn't fit the model or its classes.</exception>
    public bool Run(
        IBatchSource batches, IProgress<TrainingProgress>? progress = null, Func<long, SegmentationScores>? validate = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(batches);
        _model.train();
        while (CompletedSteps < _options.Steps)
        {
            if (cancellation.IsCancellationRequested)
                return false;
            var done = Step(batches);
            if (validate is not null && IsValidationDue)
                done = done with { Validation = Validate(validate) };
            progress?.Report(done);
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Groups.Release();
        Optimizer.Dispose();
    }

    private bool IsValidationDue =>
        CompletedSteps == _options.Steps || (_options.ValidateEvery > 0 && CompletedSteps % _options.ValidateEvery == 0);

    private TrainingProgress Step(IBatchSource batches)
    {
        using var scope = NewDisposeScope();
        using var batch = batches.BatchAt(CompletedSteps);
        double rate = LearningRateSchedule.At(_options, CompletedSteps);

        Groups.Apply(CompletedSteps);
        var logits = _model.call(batch.Images.to(_device));
        RequireLabels(batch, logits.shape[1]);
        var loss = _options.Loss.Compute(logits, batch.Labels.to(_device));
        double lossValue = RequireFinite("loss", loss.to(ScalarType.Float64).item<double>(), batch);

        _model.zero_grad();
        loss.backward();
        double gradientNorm = RequireFinite("gradient norm", Clip(), batch);

        Groups.SetRate(Optimizer, rate);
        Optimizer.step();
        CompletedSteps++;
        return new TrainingProgress(CompletedSteps, _options.Steps, lossValue, rate, gradientNorm);
    }

    private SegmentationScores Validate(Func<long, SegmentationScores> validate)
    {
        using var mode = new EvaluationMode(_model);
        using var scope = NewDisposeScope();
        return validate(CompletedSteps);
    }

    /// <returns>The norm before clipping.</returns>
    private double Clip() =>
        nn.utils.clip_grad_norm_(Groups.Trained, _options.ClipNorm > 0 ? _options.ClipNorm : double.PositiveInfinity);

    private double RequireFinite(string what, double value, TrainingBatch batch) =>
        double.IsFinite(value) ? value : throw new TrainingDivergedException(what, value, CompletedSteps + 1, batch.CaseIds);

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
}
