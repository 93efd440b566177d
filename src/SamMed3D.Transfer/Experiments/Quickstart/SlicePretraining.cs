namespace SamMed3D.Transfer;

/// <summary>Trains a small 2D SAM on the axial slices of a data set, to inflate it or to freeze it under adapters.</summary>
internal static class SlicePretraining
{
    private const int SlicesPerRegion = 8;

    /// <summary>Trains and keeps the image encoder under the official names, with a manifest of what it saw.</summary>
    /// <param name="data">The data set, and the regions around its targets that slices are taken from.</param>
    /// <param name="options">Sizes of the encoder.</param>
    /// <param name="training">How it is trained; a batch is of regions, of each of which it sees eight slices.</param>
    /// <param name="path">The .safetensors file.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="stop">Stops between steps; nothing is kept then.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static void Run(
        TargetDataOptions data, Sam2dEncoderOptions options, TrainingOptions training, string path,
        IProgress<RunProgress>? progress = null, CancellationToken stop = default)
    {
        var manifest = DatasetManifest.Open(data.Root);
        DatasetCase[] cases = [.. manifest.TrainingCases];
        using var store = CaseStore.Of(cases, new CasePreprocessor(data.Preprocessing, manifest), data.Cache);
        var regions = new TargetRegions(store, options.ImageSize, data.MinimumVoxels, stop: stop);
        var slices = new ClickedSlices(
            new TargetBatchSource(regions, data.MaximumShift, data.Flips, training.BatchSize, training.Seed), SlicesPerRegion, training.Seed);
        ClickedSliceModel made;
        using (new SeededGenerator(training.Seed))
            made = new ClickedSliceModel(options);
        using var model = made;
        using var trainer = new Trainer(model, training);
        var listener = new Listener(progress);
        if (!trainer.Run(slices, listener, cancellation: stop))
            throw new OperationCanceledException(stop);
        var seen = new CheckpointManifest { Data = [new SeenData { Dataset = manifest.Name, Cases = [.. cases.Select(one => one.Id)] }] };
        SafetensorsFile.Save(
            path, model.Encoder.state_dict().Select(entry => KeyValuePair.Create("image_encoder." + entry.Key, entry.Value)), seen.ToMetadata());
    }

    private sealed class Listener(IProgress<RunProgress>? progress) : IProgress<TrainingProgress<SegmentationScores>>
    {
        public void Report(TrainingProgress<SegmentationScores> value) => progress?.Report(new RunProgress(
            "pretraining in 2D", value.Step, value.Steps, "steps", FormattableString.Invariant($"loss {value.Loss:0.000}")));
    }
}
