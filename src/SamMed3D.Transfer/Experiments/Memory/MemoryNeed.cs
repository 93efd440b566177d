namespace SamMed3D.Transfer;

/// <summary>What a training takes of memory at its highest, by estimate; all in bytes.</summary>
public sealed record MemoryNeed
{
    /// <summary>Of what comes and goes, the share that the allocator cannot use again.</summary>
    private const double Slack = 1.08;

    /// <summary>.NET and LibTorch themselves.</summary>
    public long Process { get; init; } = 340L << 20;

    /// <summary>The weights; in mixed precision also their narrow copies.</summary>
    public required long Parameters { get; init; }

    /// <summary>Gradients of what learns.</summary>
    public required long Gradients { get; init; }

    /// <summary>AdamW's two moments of what learns.</summary>
    public required long Optimizer { get; init; }

    /// <summary>The running average of the weights.</summary>
    public long Average { get; init; }

    /// <summary>Activations of a step with their loss.</summary>
    public required long Activations { get; init; }

    /// <summary>Batches that are ready or in the making.</summary>
    public long Batches { get; init; }

    /// <summary>Preprocessed cases that are held.</summary>
    public long Cases { get; init; }

    /// <summary>The largest case while it is opened and preprocessed.</summary>
    public long Opening { get; init; }

    /// <summary>Sums and windows of a validation's largest case.</summary>
    public long Validation { get; init; }

    /// <summary>The highest of the stages that come one after the other, with what is there all the time: what a training on a CPU takes.</summary>
    public long Total => Process + Cases + Batches + Lasting + Passing(Opening);

    /// <summary>What of it lies on the device of the model, where that is a GPU.</summary>
    public long OnDevice => Lasting + Passing(0);

    private long Lasting => Parameters + Optimizer + Average;

    /// <summary>AdamW's step makes about three more of what learns, and frees them at its end.</summary>
    private long Passing(long opening) =>
        (long)(Slack * new[] { Activations, 4 * Gradients, Gradients + Validation, opening }.Max());

    /// <summary>In a line.</summary>
    public override string ToString() =>
        $"{MemoryText.Of(Total)}: weights {MemoryText.Of(Parameters)}, gradients and optimizer {MemoryText.Of(Gradients + Optimizer + Average)}, "
        + $"activations {MemoryText.Of(Activations)}, data {MemoryText.Of(Cases + Batches)}, validation {MemoryText.Of(Validation)}";
}
