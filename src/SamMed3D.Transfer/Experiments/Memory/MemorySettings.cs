namespace SamMed3D.Transfer;

/// <summary>The settings of a run that its memory hangs on, and that a person may change.</summary>
internal sealed record MemorySettings(int BatchSize, bool IsCheckpointed, bool IsNarrow, Size3 ImageSize)
{
    /// <summary>Those of a run.</summary>
    public static MemorySettings Of(RunOptions options)
    {
        var training = TrainingOf(options);
        var size = options is Experiment experiment ? experiment.Model.VolumeSize : ((PromptableExperiment)options).Encoder.ImageSize;
        return new(training.BatchSize, training.Checkpointing, training.Precision != ComputePrecision.Float32, size);
    }

    /// <summary>Whether the run's model has an encoder whose blocks can be checkpointed.</summary>
    public static bool CanCheckpoint(RunOptions options) => options is not Experiment { Model: not UnetrOptions };

    /// <summary>How the run's model is trained.</summary>
    public static TrainerOptions TrainingOf(RunOptions options) =>
        options is Experiment experiment ? experiment.Training : ((PromptableExperiment)options).Training;

    /// <summary>
    /// The same with smaller patches that the network takes: a step off the longest axis, or off all of a cube, down to two steps an axis. A step is a patch of
    /// the encoder, or what a U-Net halves away.
    /// </summary>
    public IEnumerable<MemorySettings> Smaller(RunOptions options)
    {
        var step = options switch
        {
            Experiment { Model: ResidualUnetOptions network } => network.TotalStride,
            Experiment { Model: UnetrOptions network } => network.Backbone.PatchSize,
            PromptableExperiment promptable => promptable.Encoder.PatchSize,
            _ => (Size3)1,
        };
        var size = ImageSize;
        while (true)
        {
            var now = size;
            int longest = Enumerable.Range(0, 3).OrderByDescending(axis => now[axis]).First();
            int Less(int axis) => now.IsCubic || axis == longest ? now[axis] - step[axis] : now[axis];
            size = new Size3(Less(0), Less(1), Less(2));
            if (Enumerable.Range(0, 3).Any(axis => size[axis] < 2 * step[axis]) || WhyRefused(options, size) is not null)
                yield break;
            yield return this with { ImageSize = size };
        }
    }

    /// <summary>The keys and values by which these differ from a run's.</summary>
    public string Changes(MemorySettings now, RunOptions options)
    {
        int accumulation = TrainingOf(options).AccumulationSteps * now.BatchSize / BatchSize;
        string key = options switch
        {
            PromptableExperiment => "encoder.imageSize",
            Experiment { Model: UnetrOptions } => "model.backbone.imageSize",
            _ => "model.imageSize",
        };
        string[] changes =
        [
            .. BatchSize != now.BatchSize
                ? [$"training.batchSize={BatchSize}{(now.BatchSize % BatchSize == 0 ? $" and training.accumulationSteps={accumulation}" : "")}"] : Array.Empty<string>(),
            .. IsCheckpointed != now.IsCheckpointed ? ["training.checkpointing=true"] : Array.Empty<string>(),
            .. IsNarrow != now.IsNarrow ? ["training.precision=bfloat16"] : Array.Empty<string>(),
            .. ImageSize != now.ImageSize ? [$"{key}={(ImageSize.IsCubic ? $"{ImageSize.X}" : $"[{ImageSize.X}, {ImageSize.Y}, {ImageSize.Z}]")}"] : Array.Empty<string>(),
        ];
        return string.Join(" and ", changes);
    }

    private static string? WhyRefused(RunOptions options, Size3 size) => options switch
    {
        Experiment experiment => experiment.Model.WhyRefused(size),
        _ => ((PromptableExperiment)options).Encoder.WhyRefused(size),
    };
}
