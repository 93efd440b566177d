namespace SamMed3D.Transfer;

/// <summary>
/// A whole run as one record: the same experiment gives the same numbers on the same machine. One fact has one place: the size of training
/// patches and of inference windows is <see cref="ModelOptions.VolumeSize"/>, and every seed is <see cref="RunOptions.Seed"/>.
/// </summary>
public sealed record Experiment : RunOptions
{
    /// <summary>The data.</summary>
    public required DataOptions Data { get; init; }

    /// <summary>The network. Unless told otherwise, UNETR on the SAM-Med3D encoder.</summary>
    public ModelOptions Model { get; init; } = new UnetrOptions { Backbone = EncoderOptions.SamMed3D };

    /// <summary>What the weights are before the first step: those of the encoder, where the network has one.</summary>
    public StartOptions Start { get; init; } = new ScratchStart();

    /// <summary>How it is trained.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>How whole volumes are segmented, in validation and prediction.</summary>
    public SlidingWindowOptions Inference { get; init; } = new();

    /// <summary>
    /// The experiment with its seed, its patch size, what its start makes of the encoder and what the spacing makes of a U-Net's stages filled in wherever
    /// they are used.
    /// </summary>
    public Experiment Completed() => this with
    {
        Model = Model switch
        {
            UnetrOptions unetr => unetr with { Backbone = Start.Fit(unetr.Backbone) },
            ResidualUnetOptions network => network.Resolved(Data.Preprocessing.Spacing ?? 1),
            _ => Model,
        },
        Data = Data with { Patches = Data.Patches with { PatchSize = Model.VolumeSize } },
        Training = Start.Fit(Training with { Seed = Seed }),
        Inference = Inference with { Window = Model.VolumeSize },
    };
}
