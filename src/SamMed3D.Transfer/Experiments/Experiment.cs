namespace SamMed3D.Transfer;

/// <summary>
/// A whole run as one record: the same experiment gives the same numbers on the same machine. One fact has one place: the size of training
/// patches and of inference windows is <see cref="BackboneOptions.ImageSize"/>, and every seed is <see cref="RunOptions.Seed"/>.
/// </summary>
public sealed record Experiment : RunOptions
{
    /// <summary>The data.</summary>
    public required DataOptions Data { get; init; }

    /// <summary>The network. Unless told otherwise, UNETR on the SAM-Med3D encoder.</summary>
    public UnetrOptions Model { get; init; } = new() { Backbone = EncoderOptions.SamMed3D };

    /// <summary>What the encoder's weights are before the first step.</summary>
    public StartOptions Start { get; init; } = new ScratchStart();

    /// <summary>How it is trained.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>How whole volumes are segmented, in validation and prediction.</summary>
    public SlidingWindowOptions Inference { get; init; } = new();

    /// <summary>The experiment with its seed, its patch size and what its start makes of the encoder filled in wherever they are used.</summary>
    public Experiment Completed() => this with
    {
        Model = Model with { Backbone = Start.Fit(Model.Backbone) },
        Data = Data with { Patches = Data.Patches with { PatchSize = Model.Backbone.ImageSize } },
        Training = Start.Fit(Training with { Seed = Seed }),
        Inference = Inference with { Window = Model.Backbone.ImageSize },
    };
}
