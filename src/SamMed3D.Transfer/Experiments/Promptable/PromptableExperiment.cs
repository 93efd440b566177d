namespace SamMed3D.Transfer;

/// <summary>The training of a promptable model as one record, written as YAML with <c>task: promptable</c>.</summary>
public sealed record PromptableExperiment : RunOptions
{
    /// <summary>What is trained.</summary>
    public required RunTask Task { get; init; }

    /// <summary>The data.</summary>
    public required TargetDataOptions Data { get; init; }

    /// <summary>The image encoder: SAM-Med3D's, unless told otherwise.</summary>
    public EncoderOptions Encoder { get; init; } = EncoderOptions.SamMed3D;

    /// <summary>The prompt encoder; its sizes are those of the image encoder.</summary>
    public PromptEncoderOptions Prompts { get; init; } = new();

    /// <summary>The mask decoder; its width is that of the image encoder's output.</summary>
    public MaskDecoderOptions Decoder { get; init; } = new();

    /// <summary>What its weights are before the first step.</summary>
    public StartOptions Start { get; init; } = new ScratchStart();

    /// <summary>How it is trained.</summary>
    public PromptableTrainingOptions Training { get; init; } = new();

    /// <summary>The three parts, with the sizes that follow from the image encoder's.</summary>
    public PromptableModelOptions Model => new()
    {
        Encoder = Encoder,
        Prompts = Prompts with { ImageSize = Encoder.ImageSize, PatchSize = Encoder.PatchSize, Width = Encoder.OutputChannels },
        Decoder = Decoder with { Width = Encoder.OutputChannels },
    };

    /// <summary>The experiment with its seed and what its start makes of the encoder filled in wherever they are used.</summary>
    public PromptableExperiment Completed() => this with
    {
        Encoder = (EncoderOptions)Start.Fit(Encoder), Training = Start.Fit(Training with { Seed = Seed }),
    };
}
