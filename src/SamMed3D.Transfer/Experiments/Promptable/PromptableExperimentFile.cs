namespace SamMed3D.Transfer;

/// <summary>Reads and writes the experiments of promptable models, as strictly as <see cref="ExperimentFile"/>.</summary>
public static class PromptableExperimentFile
{
    private static readonly ConfigSchema Schema = new ConfigSchema()
        .Add<StartOptions, ScratchStart>("scratch")
        .AddFileStarts()
        .AddFreezing()
        .Hide<EncoderOptions>(nameof(EncoderOptions.HasTransformer))
        .Hide<EncoderOptions>(nameof(EncoderOptions.Adapter))
        .Hide<PromptEncoderOptions>(nameof(PromptEncoderOptions.ImageSize))
        .Hide<PromptEncoderOptions>(nameof(PromptEncoderOptions.PatchSize))
        .Hide<PromptEncoderOptions>(nameof(PromptEncoderOptions.Width))
        .Hide<MaskDecoderOptions>(nameof(MaskDecoderOptions.Width))
        .Hide<PromptableTrainingOptions>(nameof(PromptableTrainingOptions.Seed));

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="overrides">Each <c>path.to.key=value</c>, the value in YAML; later ones win.</param>
    /// <exception cref="ExperimentFileException">Something does not fit; every problem is listed.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static PromptableExperiment Read(string path, IReadOnlyList<string>? overrides = null) =>
        Parse(ExperimentFile.TextOf(path), path, overrides);

    /// <summary>Reads text.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="origin">What to call the text in messages.</param>
    /// <param name="overrides">Each <c>path.to.key=value</c>, the value in YAML; later ones win.</param>
    /// <exception cref="ExperimentFileException">Something does not fit; every problem is listed.</exception>
    public static PromptableExperiment Parse(string text, string origin, IReadOnlyList<string>? overrides = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ConfigFile.Read<PromptableExperiment>(text, origin, overrides ?? [], Schema, experiment => Contradictions(experiment.Completed())).Completed();
    }

    /// <summary>The YAML of an experiment, every default written out; it reads to an equal one.</summary>
    public static string ToYaml(PromptableExperiment experiment)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        return new ConfigWriter(Schema).Write(experiment);
    }

    private static IEnumerable<(string Key, string Message)> Contradictions(PromptableExperiment experiment)
    {
        foreach (var problem in ExperimentValidator.Common(experiment))
            yield return problem;
        if (experiment.Task != RunTask.Promptable)
            yield return ("task", "is segmentation here; expected promptable.");
        if (experiment.Encoder.WhyRefused(experiment.Encoder.ImageSize) is { } reason)
            yield return ("encoder.imageSize", reason);
        string? unfit = null;
        try
        {
            experiment.Model.Validated();
        }
        catch (ArgumentException error)
        {
            unfit = error.Message;
        }

        if (unfit is not null)
            yield return ("encoder", unfit);
        foreach (var problem in ExperimentValidator.Common(experiment.Start, experiment.Training, experiment.Encoder))
            yield return problem;
    }
}
