namespace SamMed3D.Transfer;

/// <summary>
/// What every training does: take batches, let the model give gradients, average, clip, step, validate, report. It opens no file and prints nothing;
/// saving and printing are done by whoever listens. A step is a function of the options, the weights and its number alone.
/// </summary>
/// <typeparam name="TScores">What a validation finds.</typeparam>
public abstract class TrainingLoop<TScores> : IDisposable
    where TScores : class, IValidationScores
{
    private readonly Module _model;
    private readonly TrainerOptions _options;

    private protected TrainingLoop(Module model, TrainerOptions options)
    {
        _model = model;
        _options = options;
        Groups = new ParameterGroups(model, options);
        Optimizer = Groups.CreateAdamW(options);
        Device = Groups.Trained.First().device;
        MixedPrecision.Apply(model, options.Precision);
        GradientCheckpointing.Apply(model, options.Checkpointing);
        if (options.Precision == ComputePrecision.Float16)
            State = State with { Scaler = LossScaler.Begin };
        Average = options.AverageDecay > 0 ? new WeightAverage(Groups.All, options.AverageDecay) : null;
    }

    /// <summary>What learns, from which step, how fast, and with weight decay or without.</summary>
    public ParameterGroups Groups { get; }

    /// <summary>The optimizer; <see cref="AdamWMoments"/> reads and restores its state.</summary>
    public AdamW Optimizer { get; }

    /// <summary>The running average of the weights; null where the options want none.</summary>
    public WeightAverage? Average { get; }

    /// <summary>Where the training stands. Set it, with weights, average and optimizer state, to go on where another run stopped.</summary>
    public TrainingState State { get; set; } = new();

    /// <summary>Steps done.</summary>
    public long CompletedSteps
    {
        get => State.Step;
        set => State = State with { Step = value };
    }

    /// <summary>Whether the last validations brought nothing better, so that the training ends early (<see cref="TrainerOptions.Patience"/>).</summary>
    public bool IsStalled => _options.Patience > 0 && State.ValidationsSinceBest >= _options.Patience;

    private protected Device Device { get; }

    /// <summary>Trains until <see cref="TrainerOptions.Steps"/> are done, nothing better comes, or cancellation is asked for; a step that was begun is finished.</summary>
    /// <param name="batches">Where batches come from.</param>
    /// <param name="progress">
    /// Told after each step and its validation, between steps: a synchronous listener may read or save the model.
    /// </param>
    /// <param name="validate">
    /// Scores the model every <see cref="TrainerOptions.ValidateEvery"/> steps and after the last; it gets the number of steps done, and
    /// finds the model in evaluation mode, without gradients, and with averaged weights where there are such. Where it gives up because of
    /// <paramref name="cancellation"/>, the state says that it is still to come, and the next run begins with it.
    /// </param>
    /// <param name="cancellation">Stops the training between steps, and validations that look at it.</param>
    /// <returns>Whether the training came to its end; false when cancelled.</returns>
    /// <exception cref="TrainingDivergedException">The loss or the gradient is infinite or NaN.</exception>
    /// <exception cref="TensorLeakException">Tensors pile up, and <see cref="TrainerOptions.LeakCheck"/> was asked for.</exception>
    /// <exception cref="ArgumentException">A batch doesn't fit the model or its classes.</exception>
    public bool Run(
        IBatchSource batches, IProgress<TrainingProgress<TScores>>? progress = null, Func<long, TScores>? validate = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(batches);
        _model.train();
        var leaks = _options.LeakCheck ? new LeakCheck() : null;
        while (State.Pending is not null || (CompletedSteps < _options.Steps && !IsStalled))
        {
            if (cancellation.IsCancellationRequested)
                return false;
            var done = State.Pending is { } pending ? Report(pending) : Step(batches);
            State = State with { Pending = null };
            if (validate is not null && IsValidationDue)
            {
                State = State with { Pending = new TrainingStep(done.Loss, done.LearningRate, done.GradientNorm, done.Skipped) };
                if (TryValidate(validate, cancellation) is not { } scores)
                    return false;
                (State, bool isBest) = State.After(scores.Mean);
                done = done with { Validation = scores, IsBest = isBest };
            }

            progress?.Report(done);
            leaks?.AfterStep(CompletedSteps, Groups.Trained.Count(parameter => parameter.requires_grad));
        }

        return true;

        TrainingProgress<TScores> Report(TrainingStep step) =>
            new(CompletedSteps, _options.Steps, step.Loss, step.LearningRate, step.GradientNorm) { Skipped = step.Skipped };
    }

    /// <summary>The scores of the model as it is, averaged where there is an average.</summary>
    /// <param name="validate">As for <see cref="Run"/>.</param>
    public TScores Validate(Func<long, TScores> validate)
    {
        ArgumentNullException.ThrowIfNull(validate);
        using var mode = new EvaluationMode(_model);
        using var average = Average?.Applied();
        using var scope = NewDisposeScope();
        return validate(CompletedSteps);
    }

    /// <returns>Null where it was broken off.</returns>
    private TScores? TryValidate(Func<long, TScores> validate, CancellationToken cancellation)
    {
        try
        {
            return Validate(validate);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(isDisposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases the optimizer and the average; the model stays as it is, and what was frozen wants gradients as before.</summary>
    protected virtual void Dispose(bool isDisposing)
    {
        if (!isDisposing)
            return;
        Groups.Release();
        Optimizer.Dispose();
        Average?.Dispose();
    }

    /// <summary>Adds the gradients of a batch to the parameters.</summary>
    /// <param name="batch">The batch; it is disposed of afterwards.</param>
    /// <returns>The loss, as the mean over the batch.</returns>
    private protected abstract double Backward(TrainingBatch batch);

    /// <summary>What <see cref="Backward"/> multiplies its loss by.</summary>
    private protected double LossScale => State.Scaler?.Scale ?? 1;

    /// <summary>Called before the batches of a step.</summary>
    /// <param name="step">Counted from 0.</param>
    private protected virtual void Begin(long step)
    {
    }

    private bool IsValidationDue =>
        CompletedSteps == _options.Steps || (_options.ValidateEvery > 0 && CompletedSteps % _options.ValidateEvery == 0);

    private TrainingProgress<TScores> Step(IBatchSource batches)
    {
        using var scope = NewDisposeScope();
        double rate = LearningRateSchedule.At(_options, CompletedSteps), loss = 0;
        var seen = new List<TrainingBatch>();
        Groups.Apply(CompletedSteps);
        _model.zero_grad();
        Begin(CompletedSteps);
        // Dropout too is a function of the step alone.
        using (new SeededGenerator(Mixed(_options.Seed, CompletedSteps)))
            for (var part = 0; part < _options.AccumulationSteps; part++)
            {
                var batch = batches.BatchAt(CompletedSteps * _options.AccumulationSteps + part);
                seen.Add(batch);
                loss += Backward(batch);
                if (part < _options.AccumulationSteps - 1)
                    batch.Dispose();
            }

        using var last = seen[^1];
        loss /= _options.AccumulationSteps;
        ShareGradients(_options.AccumulationSteps * LossScale);
        double norm = double.IsFinite(loss) ? Clip() : double.NaN;
        if (!double.IsFinite(loss) || !double.IsFinite(norm))
            return Skip(loss, norm, rate, seen);
        Groups.SetRate(Optimizer, rate);
        AdamWUpdate.Step(Optimizer);
        State = State with { Step = CompletedSteps + 1, SkippedInARow = 0, Scaler = LossScaler.AfterStep(State.Scaler) };
        Average?.Update(CompletedSteps);
        return new(CompletedSteps, _options.Steps, loss, rate, norm);

        void ShareGradients(double count)
        {
            if (count == 1)
                return;
            using var noGradient = no_grad();
            foreach (var parameter in Groups.Trained)
                parameter.grad?.div_(count);
        }
    }

    /// <returns>The norm before clipping.</returns>
    private double Clip() =>
        nn.utils.clip_grad_norm_(Groups.Trained, _options.ClipNorm > 0 ? _options.ClipNorm : double.PositiveInfinity);

    private TrainingProgress<TScores> Skip(double loss, double norm, double rate, List<TrainingBatch> batches)
    {
        bool isLoss = !double.IsFinite(loss);
        if (!isLoss && LossScaler.AfterOverflow(State.Scaler) is { } scaler)
        {
            LeaveOut();
            State = State with { Scaler = scaler };
            return new(CompletedSteps, _options.Steps, loss, rate, norm)
            {
                Skipped = FormattableString.Invariant($"the gradients overflowed float16; the loss is scaled by {scaler.Scale} from now on"),
            };
        }

        var problem = new TrainingDivergedException(
            isLoss ? "loss" : "gradient norm", isLoss ? loss : norm, CompletedSteps + 1, [.. batches.SelectMany(batch => batch.CaseIds)],
            NonFinite.Find(batches[^1], Groups.All, isLoss));
        if (_options.NonFinite == NonFiniteAction.Stop || State.SkippedInARow + 1 >= TrainerOptions.MostSkipsInARow)
            throw problem;
        LeaveOut();
        return new(CompletedSteps, _options.Steps, loss, rate, norm) { Skipped = problem.Message };

        void LeaveOut()
        {
            _model.zero_grad();
            State = State with { Step = CompletedSteps + 1, SkippedSteps = State.SkippedSteps + 1, SkippedInARow = State.SkippedInARow + 1 };
        }
    }

    /// <summary>63 bits that seed what is random in a step.</summary>
    private protected static long Mixed(long seed, long step)
    {
        ulong mixed = (ulong)seed * 0x9e3779b97f4a7c15 + (ulong)step * 0xbf58476d1ce4e5b9;
        return (long)(((mixed ^ (mixed >> 29)) * 0x94d049bb133111eb) >> 1);
    }
}
