namespace SamMed3D.Transfer;

/// <summary>What the encoder's weights are before the first step.</summary>
public abstract record StartOptions
{
    /// <summary>The file that weights come from; null where there is none.</summary>
    public virtual string? Source => null;

    /// <summary>What of the encoder the start itself keeps from learning; null where it leaves that to the training's options.</summary>
    public virtual FreezingOptions? Freezing => null;

    /// <summary>An encoder's options as this start needs them.</summary>
    public virtual BackboneOptions Fit(BackboneOptions backbone) => backbone;

    /// <summary>How a run is trained from this start.</summary>
    internal TTraining Fit<TTraining>(TTraining training)
        where TTraining : TrainerOptions => training.Freezing is FreezeNothing && Freezing is { } freezing ? training with { Freezing = freezing } : training;
}
