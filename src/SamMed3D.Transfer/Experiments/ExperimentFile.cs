namespace SamMed3D.Transfer;

/// <summary>
/// Reads and writes experiments as strict YAML: unknown, missing and duplicate keys, wrong types and contradictions are all named at once,
/// with line and column.
/// </summary>
public static class ExperimentFile
{
    private static readonly ConfigSchema Schema = new ConfigSchema()
        .AddModels()
        .Add<StartOptions, ScratchStart>("scratch")
        .AddFileStarts()
        .Add<StartOptions, SamAdapterStart>("sam-adapter")
        .Add<StartOptions, TransformerOffStart>("transformer-off")
        .AddFreezing()
        .Add<SegmentationLoss, DiceCrossEntropyLoss>("dice-cross-entropy")
        .Add<SegmentationLoss, DiceFocalLoss>("dice-focal")
        .Add<SegmentationLoss, DiceLoss>("dice")
        .Add<SegmentationLoss, VoxelCrossEntropyLoss>("cross-entropy")
        .Add<SegmentationLoss, FocalLoss>("focal")
        .Hide<EncoderOptions>(nameof(EncoderOptions.HasTransformer))
        .Hide<EncoderOptions>(nameof(EncoderOptions.Adapter))
        .Hide<SamAdapterOptions>(nameof(SamAdapterOptions.HasTransformer))
        .Hide<PlainViTOptions>(nameof(PlainViTOptions.HasTransformer))
        .Hide<PatchOptions>(nameof(PatchOptions.PatchSize))
        .Hide<TrainingOptions>(nameof(TrainingOptions.Seed))
        .Hide<SlidingWindowOptions>(nameof(SlidingWindowOptions.Window));

    /// <summary>Which kind of experiment a file holds: what its key <c>task</c> says, and a segmentation where it says nothing.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static RunTask TaskOf(string path) => TaskOf(TextOf(path), path);

    private static RunTask TaskOf(string text, string path) =>
        ConfigReader.Read(text, path, isFile: true, []) is ConfigGroup group
        && group.Entries.Find(entry => entry.Key == "task")?.Value is ConfigText { Value: "promptable" } ? RunTask.Promptable : RunTask.Segmentation;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="overrides">Each <c>path.to.key=value</c>, the value in YAML; later ones win.</param>
    /// <exception cref="ExperimentFileException">Something does not fit; every problem is listed.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static Experiment Read(string path, IReadOnlyList<string>? overrides = null)
    {
        return ReadAny(path, overrides) as Experiment
            ?? throw new InvalidDataException($"{path}: the experiment of a promptable model, not of a network that segments classes; 'train' takes both, 'segment' uses what comes of it.");
    }

    /// <summary>Reads the file of a run of either kind, <see cref="Experiment"/> or <see cref="PromptableExperiment"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="overrides">Each <c>path.to.key=value</c>, the value in YAML; later ones win.</param>
    /// <exception cref="ExperimentFileException">Something does not fit; every problem is listed.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static RunOptions ReadAny(string path, IReadOnlyList<string>? overrides = null)
    {
        string text = TextOf(path);
        return TaskOf(text, path) == RunTask.Promptable ? PromptableExperimentFile.Parse(text, path, overrides) : Parse(text, path, overrides);
    }

    /// <summary>The text of an experiment file, or of another kind.</summary>
    internal static string TextOf(string path, string wanted = "an experiment")
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
            throw new FileNotFoundException($"{path}: is a folder; expected {wanted} in YAML.", path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: no such file; expected {wanted} in YAML.", path);
        string text = File.ReadAllText(path);
        return text.Contains('\0', StringComparison.Ordinal)
            ? throw new InvalidDataException($"{path}: is no text file; expected {wanted} in YAML.")
            : text;
    }

    /// <summary>Reads text.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="origin">What to call the text in messages.</param>
    /// <param name="overrides">Each <c>path.to.key=value</c>, the value in YAML; later ones win.</param>
    /// <exception cref="ExperimentFileException">Something does not fit; every problem is listed.</exception>
    public static Experiment Parse(string text, string origin, IReadOnlyList<string>? overrides = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        return (Experiment)ConfigLists.Settled(ConfigFile.Read<Experiment>(
            text, origin, overrides ?? [], Schema, experiment => ExperimentValidator.Contradictions(experiment.Completed())).Completed());
    }

    /// <summary>The YAML of an experiment, every default written out; it reads to an equal one.</summary>
    public static string ToYaml(Experiment experiment)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        return new ConfigWriter(Schema).Write(experiment);
    }

    /// <summary>Writes an experiment; the file appears whole or not at all.</summary>
    public static void Write(string path, Experiment experiment) => AtomicFile.WriteText(path, ToYaml(experiment));
}
