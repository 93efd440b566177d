namespace SamMed3D.Transfer;

/// <summary>Finds what single records cannot see: options that contradict each other across the parts of an experiment.</summary>
public static class ExperimentValidator
{
    /// <returns>For each contradiction the key to blame, such as "training.validateEvery", and what is wrong.</returns>
    public static IEnumerable<(string Key, string Message)> Contradictions(Experiment experiment)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        var backbone = (experiment.Model as UnetrOptions)?.Backbone;
        foreach (var problem in Common(experiment))
            yield return problem;
        if (experiment.Model.WhyRefused(experiment.Model.VolumeSize) is { } reason)
            yield return (backbone is null ? "model.imageSize" : "model.backbone.imageSize", reason);
        if (experiment.Start is TransformerOffStart && backbone is SamAdapterOptions or EncoderOptions { Adapter: not null })
            yield return ("start", "is transformer-off, but model.backbone has adapters, which sit in the transformer's blocks; leave them out, or start otherwise.");
        if (experiment.Start is SamAdapterStart && backbone is not (null or SamAdapterOptions))
            yield return ("start", "sam-adapter is for 3DSAM-adapter's encoder; set model.backbone.kind to sam-adapter.");
        if (experiment.Model.ClassCount == 1 && experiment.Data.Labels is not { HasRegions: true })
            yield return ("model.classCount", "is 1; training needs 2 or more, the background among them.");
        foreach (var problem in Common(experiment.Start, experiment.Training, backbone))
            yield return problem;
        foreach (var (key, weights) in ClassWeights(experiment.Training.Loss))
            if (weights is not null && experiment.Model.ClassCount > 0 && weights.Count != experiment.Model.ClassCount)
                yield return ($"training.loss{key}.classWeights",
                    $"has {weights.Count} weights, but model.classCount is {experiment.Model.ClassCount}; give one for each class.");
    }

    /// <summary>What every run must have in order.</summary>
    internal static IEnumerable<(string Key, string Message)> Common(RunOptions experiment)
    {
        if (experiment.Name.Length == 0 || experiment.Name.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('.' or '-' or '_'))
            || experiment.Name[0] == '.')
            yield return ("name", $"'{experiment.Name}' names a folder: use letters, digits, dots, dashes and underscores.");
        if (string.IsNullOrWhiteSpace(experiment.Output))
            yield return ("output", "is empty; give a folder, such as runs.");
        if (experiment.SaveMinutes < 0)
            yield return ("saveMinutes", FormattableString.Invariant($"is {experiment.SaveMinutes}; give 0 or more minutes."));
        if (experiment.KeepBest < 1)
            yield return ("keepBest", $"is {experiment.KeepBest}; 1 keeps the best weights alone.");
    }

    /// <summary>What start, training and encoder must have in order between them, whatever is trained.</summary>
    /// <param name="start">The start.</param>
    /// <param name="training">The training.</param>
    /// <param name="encoder">The network's encoder; null where it has none.</param>
    internal static IEnumerable<(string Key, string Message)> Common(StartOptions start, TrainerOptions training, BackboneOptions? encoder)
    {
        foreach (var problem in encoder is null ? WithoutEncoder(start, training) : WithEncoder(start, training, encoder))
            yield return problem;
        if (training.ValidateEvery > training.Steps)
            yield return ("training.validateEvery",
                $"is {training.ValidateEvery}, but training.steps is {training.Steps}: no validation before the last; "
                + "give at most training.steps, or 0 for the last alone.");
    }

    /// <summary>A network without a transformer begins anew or from a file of its own kind, and learns as a whole.</summary>
    private static IEnumerable<(string Key, string Message)> WithoutEncoder(StartOptions start, TrainerOptions training)
    {
        const string Reason = "is about the blocks of a transformer, which this model.kind does not have; ";
        if (start is not (ScratchStart or CheckpointStart))
            yield return ("start", Reason + "start from scratch, or from a checkpoint of the same kind.");
        else if (training.Freezing is not FreezeNothing)
            yield return ("training.freezing", Reason + "leave it out.");
        if (training.LayerRateDecay != 1)
            yield return ("training.layerRateDecay", Reason + "leave it out.");
        if (training.Checkpointing)
            yield return ("training.checkpointing", Reason + "leave it out.");
    }

    private static IEnumerable<(string Key, string Message)> WithEncoder(StartOptions start, TrainerOptions training, BackboneOptions backbone)
    {
        if (start is SamMed3DStart or FrozenStart or AdaptedStart && backbone is not EncoderOptions)
            yield return ("start", "is for SAM-Med3D's kind of encoder; set model.backbone.kind to sam-med3d.");
        if (start is InflatedStart planar && planar.Inflation.WhyRefused(backbone) is { } misfit)
            yield return ("start", misfit);
        if (start is AdaptedStart or SamAdapterStart && training.Freezing is FreezeEncoder)
            yield return ("training.freezing", "encoder would freeze the adapters that the start adds; leave it out: the start freezes the rest.");
        if (start is FrozenStart && training.Freezing is not FreezeEncoder)
            yield return ("training.freezing", "contradicts the start, which is frozen; leave one of them out.");
        if (training.Freezing.WhyRefused(backbone.BlockCount) is { } frozen)
            yield return ("training.freezing", frozen);
        if (training.Freezing is UnfreezeGradually { AfterSteps: var late, StepsPerBlock: var pace } && late + pace * backbone.BlockCount >= training.Steps)
            yield return ("training.freezing",
                $"the embedding would join after {late + pace * backbone.BlockCount} steps ({late}, and {pace} for each of {backbone.BlockCount} blocks), "
                + $"but training.steps is {training.Steps}; unfreeze sooner, or say what stays frozen: {{kind: up-to-block}} or {{kind: encoder}}.");
        if (start is AdaptedStart { Adaptation: LoraOptions { Rank: var rank } } && backbone is EncoderOptions { EmbeddingWidth: var width } && rank >= width)
            yield return ("start", $"LoRA of rank {rank} is no saving: the layers are {width} wide (model.backbone.embeddingWidth); give a rank well below.");
    }

    private static IEnumerable<(string Key, IReadOnlyList<double>? Weights)> ClassWeights(SegmentationLoss loss) => loss switch
    {
        DiceLoss dice => [("", dice.ClassWeights)],
        VoxelCrossEntropyLoss voxels => [("", voxels.ClassWeights)],
        DiceCrossEntropyLoss both => [(".dice", both.Dice.ClassWeights), (".crossEntropy", both.CrossEntropy.ClassWeights)],
        DiceFocalLoss both => [(".dice", both.Dice.ClassWeights)],
        _ => [],
    };
}
