namespace SamMed3D.Transfer;

/// <summary>
/// The head learns first, on the encoder as it was loaded; then the encoder joins, all at once or from its last block down to the embedding
/// (Howard and Ruder 2018, arXiv 1801.06146). A new head's first gradients are noise, from which this spares the encoder.
/// </summary>
public sealed record UnfreezeGradually : FreezingOptions
{
    /// <summary>Steps of the head alone; the encoder's neck and last block join after them.</summary>
    public required long AfterSteps { get; init; }

    /// <summary>Steps from one block to the one before it; the embedding comes last. 0 lets the whole encoder join at once.</summary>
    public long StepsPerBlock { get; init; }

    /// <inheritdoc/>
    public override long? LearnsFrom(ParameterPlace place) =>
        place.Part is ModelPart.Prompts or ModelPart.Head ? 0 : AfterSteps + StepsPerBlock * Math.Max(0, place.Depth - 1);

    /// <summary>These options, when they make sense.</summary>
    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    public UnfreezeGradually Validated()
    {
        if (AfterSteps < 1)
            throw new ArgumentException($"AfterSteps {AfterSteps} is not positive.", nameof(AfterSteps));
        if (StepsPerBlock < 0)
            throw new ArgumentException($"StepsPerBlock {StepsPerBlock} is negative; 0 lets the whole encoder join at once.", nameof(StepsPerBlock));
        return this;
    }
}
