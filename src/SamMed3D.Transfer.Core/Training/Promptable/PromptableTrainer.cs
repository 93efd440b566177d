namespace SamMed3D.Transfer;

/// <summary>
/// Trains a promptable model: batches of targets (images [N, C, X, Y, Z] and labels [N, 1, X, Y, Z], 0 or 1, an object in each) and rounds of
/// simulated clicks.
/// </summary>
public sealed class PromptableTrainer : TrainingLoop<ClickScores>
{
    private readonly PromptableTrainingOptions _options;
    private readonly PromptableTrainingStep _step;
    private Random _random = new(0);

    /// <param name="model">Already loaded and on its device. It stays the caller's.</param>
    /// <param name="options">How to train.</param>
    /// <exception cref="ArgumentException">The options contradict each other, or nothing of the model is trained.</exception>
    public PromptableTrainer(PromptableModel model, PromptableTrainingOptions options)
        : base(model ?? throw new ArgumentNullException(nameof(model)), (options ?? throw new ArgumentNullException(nameof(options))).Validated())
    {
        _options = options;
        _step = new PromptableTrainingStep(model, new PromptableStepOptions { RoundCount = options.RoundCount });
    }

    private protected override void Begin(long step) => _random = new Random((int)(Mixed(_options.Seed, step) >> 32));

    private protected override double Backward(TrainingBatch batch)
    {
        using var scope = NewDisposeScope();
        var clicks = new SimulatedClicks(_options.Clicks, _options.RoundCount, _random, _options.GivesAllClicks);
        return _step.Backward(batch.Images.to(Device), batch.Labels.to(Device), clicks, LossScale).Loss / _options.RoundCount;
    }
}
