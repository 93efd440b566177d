namespace SamMed3D.Transfer;

/// <summary>What the weights of a run say about themselves.</summary>
internal static class TrainingManifest
{
    /// <param name="experiment">Gives network, preprocessing and start.</param>
    /// <param name="dataset">The data set's name.</param>
    /// <param name="training">The cases that are trained on.</param>
    /// <exception cref="InvalidDataException">The start's checkpoint is damaged.</exception>
    public static CheckpointManifest Of(Experiment experiment, string dataset, IEnumerable<DatasetCase> training) => Of(
        new CheckpointManifest { Model = experiment.Model, Preprocessing = experiment.Data.Preprocessing }, experiment.Start, dataset, training);

    /// <param name="experiment">Gives network, spacing and start.</param>
    /// <param name="dataset">The data set's name.</param>
    /// <param name="training">The cases that are trained on.</param>
    /// <exception cref="InvalidDataException">The start's checkpoint is damaged.</exception>
    public static CheckpointManifest Of(PromptableExperiment experiment, string dataset, IEnumerable<DatasetCase> training) => Of(
        new CheckpointManifest
        {
            Promptable = experiment.Model,
            Preprocessing = new PreprocessingOptions { Spacing = experiment.Data.Spacing, Normalization = Normalization.ZScorePositive },
        },
        experiment.Start, dataset, training);

    private static CheckpointManifest Of(CheckpointManifest manifest, StartOptions begin, string dataset, IEnumerable<DatasetCase> training)
    {
        var seen = new SeenData { Dataset = dataset, Cases = [.. training.Select(one => one.Id)] };
        manifest = manifest with { Data = [seen] };
        if (begin.Source is null)
            return manifest;
        using var checkpoint = Checkpoint.Open(begin.Source);
        return manifest with { Data = [.. checkpoint.Manifest?.Data ?? [], seen], Source = SourceFile.Of(checkpoint) };
    }
}
