namespace SamMed3D.Transfer;

/// <summary>
/// From nothing to a Dice table in a few minutes: makes synthetic CT torsos as real files, trains a small UNETR on them, segments cases
/// it has not seen, and scores them.
/// </summary>
public static class Quickstart
{
    /// <summary>The experiment: a small encoder of SAM-Med3D's kind under UNETR's decoder.</summary>
    /// <param name="dataset">The synthetic data set's folder.</param>
    /// <param name="output">Where its run folder is made.</param>
    /// <param name="steps">Training steps.</param>
    /// <param name="seed">Seed of everything random.</param>
    public static Experiment CreateExperiment(string dataset, string output, int steps = DefaultSteps, long seed = 0) => new Experiment
    {
        Name = "quickstart",
        Seed = seed,
        Output = output,
        Data = new DataOptions
        {
            Root = dataset,
            Preprocessing = new PreprocessingOptions { Spacing = new Double3(5, 5, 7), Normalization = Normalization.CtClip },
            Patches = new PatchOptions { ForegroundFraction = 0.5 },
        },
        Model = new UnetrOptions
        {
            Backbone = new EncoderOptions
            {
                ImageSize = new(48, 48, 32), PatchSize = 8, EmbeddingWidth = 96, BlockCount = 4, HeadCount = 4, OutputChannels = 96,
                WindowSize = 0, GlobalBlocks = [], RelativePosition = RelativePosition.Decomposed,
            },
            ClassCount = SyntheticAnatomy.ClassNames.Count,
            FeatureSize = 16,
            HasAffineNorm = true,
            HasConvolutionalSkips = true,
        },
        Training = new TrainingOptions
        {
            Steps = steps, BatchSize = 2, LearningRate = 2e-3, WeightDecay = 1e-2, WarmupSteps = Math.Min(20, steps - 1), ValidateEvery = steps >= 100 ? steps / 4 : 0,
        },
        Inference = new SlidingWindowOptions { Overlap = 0.25 },
    }.Completed();

    /// <summary>As many steps as take two to three minutes on two cores.</summary>
    public const int DefaultSteps = 400;

    /// <summary>Runs it all.</summary>
    /// <param name="output">A new or empty folder: gets data, run, predictions, scores.csv and scores.json.</param>
    /// <param name="steps">Training steps.</param>
    /// <param name="seed">Seed of everything random.</param>
    /// <param name="progress">Told how far each part has come, on this thread.</param>
    /// <param name="stop">Stops after the current step.</param>
    /// <returns>The run folder, and the scores of the test cases, which the training never saw.</returns>
    /// <exception cref="IOException">The output folder is not empty.</exception>
    public static (RunFolder Run, FolderComparison Scores) Execute(
        string output, int steps = DefaultSteps, long seed = 0, IProgress<RunProgress>? progress = null, CancellationToken stop = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(output);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        var data = new SyntheticAnatomyOptions { Seed = seed };
        string dataset = Path.Combine(output, "data"), predictions = Path.Combine(output, "predictions");
        int total = data.TrainingCases + data.TestCases;
        var manifest = SyntheticAnatomy.Write(
            dataset, data, new Reporter<int>(done => progress?.Report(new RunProgress("making data", done, total, "cases"))), stop);

        var experiment = ExperimentRunner.Prepare(CreateExperiment(dataset, output, steps, seed));
        var run = RunFolder.Create(experiment, experiment.Device.Resolve(), TimeProvider.System.GetLocalNow(), Path.Combine(output, "run"));
        ExperimentRunner.Train(run, progress, stop: stop);
        var predicted = FolderPrediction.Run(
            new PredictionRequest(experiment, run.BestPath, [Path.Combine(dataset, "imagesTs")], predictions, experiment.Device), progress, stop);
        if (predicted.Failures is [var failure, ..])
            throw new InvalidDataException(failure);
        var scores = FolderEvaluation.Run(predictions, Path.Combine(dataset, "labelsTs"), manifest, stop: stop);
        SegmentationScoresFile.SaveCsv(Path.Combine(output, "scores.csv"), scores.Model, scores.PositionGuess);
        SegmentationScoresFile.SaveJson(Path.Combine(output, "scores.json"), scores.Model, scores.PositionGuess);
        return (run, scores);
    }

    /// <summary>Unlike <see cref="Progress{T}"/>, reports on the thread that works.</summary>
    private sealed class Reporter<T>(Action<T> report) : IProgress<T>
    {
        public void Report(T value) => report(value);
    }
}
