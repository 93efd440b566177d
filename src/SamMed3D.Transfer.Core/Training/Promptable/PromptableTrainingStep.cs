namespace SamMed3D.Transfer;

/// <summary>
/// Losses and gradients of one batch, as SAM-Med3D trains (Wang et al., arXiv 2310.15161): a volume is encoded once; then, round by
/// round, new clicks and the mask of the round before are decoded. The first mask is all 0. Masks go on undetached, so that a round
/// learns from those after it, and only the newest clicks are given.
/// </summary>
public sealed class PromptableTrainingStep
{
    private readonly PromptableModel _model;
    private readonly PromptableStepOptions _options;

    /// <param name="model">On its device; it stays the caller's.</param>
    /// <param name="options">What a step does; as published where left out.</param>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public PromptableTrainingStep(PromptableModel model, PromptableStepOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _options = (options ?? new()).Validated();
    }

    /// <summary>Adds the gradients of a batch to the parameters. Zeroing them before and stepping after is the caller's part.</summary>
    /// <param name="volumes">[N, C, X, Y, Z], normalised, on the model's device.</param>
    /// <param name="labels">[N, 1, X, Y, Z], 0 or 1, any integer type, on the model's device.</param>
    /// <param name="clicks">The user.</param>
    /// <param name="lossScale">What the gradients come out larger by (<see cref="LossScaler"/>).</param>
    /// <exception cref="ArgumentException">Shapes do not belong together.</exception>
    public PromptableStepResult Backward(Tensor volumes, Tensor labels, IClickSource clicks, double lossScale = 1)
    {
        using var scope = NewDisposeScope();
        var rounds = Rounds(volumes, labels, clicks).ToList();
        var losses = stack(rounds.Select(round => round.Loss));
        (lossScale == 1 ? losses.sum() : losses.sum() * lossScale).backward();
        return new PromptableStepResult([.. losses.detach().cpu().to(ScalarType.Float64).data<double>()]);
    }

    /// <summary>Low-resolution logits [N, 1, ...] and loss of each round, with their graph; they live in the scope around the call.</summary>
    internal IEnumerable<(Tensor Masks, Tensor Loss)> Rounds(Tensor volumes, Tensor labels, IClickSource clicks)
    {
        ArgumentNullException.ThrowIfNull(volumes);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(clicks);
        if (labels.ndim != 5 || labels.shape[1] != 1 || labels.shape[0] != volumes.shape[0])
            throw new ArgumentException(
                $"Expected labels [{volumes.shape[0]}, 1, X, Y, Z] for the volumes, got [{string.Join(", ", labels.shape)}].", nameof(labels));
        var embedding = _model.Encode(volumes);
        var size = _model.Options.Prompts.MaskSize;
        var masks = zeros([volumes.shape[0], 1, size.X, size.Y, size.Z], embedding.dtype, embedding.device);
        Tensor? logits = null;
        for (int round = 0; round < _options.RoundCount; round++)
        {
            using var seen = logits?.detach();
            using var given = clicks.ClicksFor(round, _options.RoundCount, seen, labels);
            var prediction = _model.Decode(
                embedding, given is null ? PromptBatch.OfMasks(masks) : PromptBatch.Of(given.Points, given.Labels, masks));
            prediction.PredictedIou.Dispose();
            masks = prediction.Masks;
            logits = _model.Upsample(masks);
            yield return (masks, _options.Loss.Compute(logits, labels));
        }
    }
}
