namespace SamMed3D.Transfer;

/// <summary>
/// Trains a promptable model: batches of targets, rounds of simulated clicks, gradients averaged over the batches of a step, AdamW. It opens no
/// file and prints nothing; saving and printing are done by whoever listens.
/// </summary>
public sealed class PromptableTrainer : IDisposable
{
    private readonly PromptableModel _model;
    private readonly PromptableTrainingOptions _options;
    private readonly PromptableTrainingStep _step;
    private readonly Parameter[] _trained;
    private readonly Device _device;

    /// <param name="model">Already loaded and on its device. It stays the caller's.</param>
    /// <param name="options">How to train.</param>
    /// <exception cref="ArgumentException">The options make no sense, or nothing of the model is trained.</exception>
    public PromptableTrainer(PromptableModel model, PromptableTrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        _model = model;
        _options = options.Validated();
        _step = new PromptableTrainingStep(model, new PromptableStepOptions { RoundCount = options.RoundCount });
        Optimizer = PromptableOptimizer.Create(model, options.LearningRate, options.WeightDecay, options.HeadRateFraction);
        _trained = [.. model.parameters().Where(parameter => parameter.requires_grad)];
        _device = _trained[0].device;
    }

    /// <summary>The optimizer; <see cref="AdamWMoments"/> reads and restores its state.</summary>
    public AdamW Optimizer { get; }

    /// <summary>Steps done. Set it, with weights and optimizer state, to go on where another run stopped.</summary>
    public long CompletedSteps { get; set; }

    /// <summary>Trains until all steps are done or cancellation is asked for; a step that was begun is finished.</summary>
    /// <param name="batches">Targets: images [N, C, X, Y, Z] and labels [N, 1, X, Y, Z], 0 or 1, an object in each.</param>
    /// <param name="progress">Told after each step and its validation, between steps: a synchronous listener may read or save the model.</param>
    /// <param name="validate">Scores the model, which it finds in evaluation mode, without gradients.</param>
    /// <param name="cancellation">Stops the training between steps.</param>
    /// <returns>Whether all steps are done; false when cancelled.</returns>
    /// <exception cref="TrainingDivergedException">The loss or the gradient is infinite or NaN.</exception>
    public bool Run(
        IBatchSource batches, IProgress<PromptableProgress>? progress = null, Func<ClickScores>? validate = null, CancellationToken cancellation = default)
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
    public void Dispose() => Optimizer.Dispose();

    private bool IsValidationDue =>
        CompletedSteps == _options.Steps || (_options.ValidateEvery > 0 && CompletedSteps % _options.ValidateEvery == 0);

    private PromptableProgress Step(IBatchSource batches)
    {
        using var scope = NewDisposeScope();
        // A pure function of seed and step, as the batches are.
        var random = new Random(HashOf(_options.Seed, CompletedSteps));
        var cases = new List<string>();
        double loss = 0;
        _model.zero_grad();
        for (var part = 0; part < _options.AccumulationSteps; part++)
        {
            using var batch = batches.BatchAt(CompletedSteps * _options.AccumulationSteps + part);
            cases.AddRange(batch.CaseIds);
            var clicks = new SimulatedClicks(_options.Clicks, _options.RoundCount, random, _options.GivesAllClicks);
            loss += _step.Backward(batch.Images.to(_device), batch.Labels.to(_device), clicks).Loss;
        }

        loss = RequireFinite("loss", loss / (_options.AccumulationSteps * _options.RoundCount), cases);
        if (_options.AccumulationSteps > 1)
            using (no_grad())
                foreach (var parameter in _trained)
                    parameter.grad?.div_(_options.AccumulationSteps);
        double norm = RequireFinite("gradient norm",
            nn.utils.clip_grad_norm_(_trained, _options.ClipNorm > 0 ? _options.ClipNorm : double.PositiveInfinity), cases);
        double rate = _options.RateAt(CompletedSteps);
        PromptableOptimizer.SetRate(Optimizer, _model, rate, _options.HeadRateFraction);
        Optimizer.step();
        CompletedSteps++;
        return new PromptableProgress(CompletedSteps, _options.Steps, loss, rate, norm);
    }

    private ClickScores Validate(Func<ClickScores> validate)
    {
        using var mode = new EvaluationMode(_model);
        using var scope = NewDisposeScope();
        return validate();
    }

    private double RequireFinite(string what, double value, IReadOnlyList<string> cases) =>
        double.IsFinite(value) ? value : throw new TrainingDivergedException(what, value, CompletedSteps + 1, cases);

    private static int HashOf(long seed, long step)
    {
        ulong mixed = (ulong)seed * 0x9e3779b97f4a7c15 + (ulong)step * 0xbf58476d1ce4e5b9;
        return (int)((mixed ^ (mixed >> 29)) * 0x94d049bb133111eb >> 33);
    }
}
