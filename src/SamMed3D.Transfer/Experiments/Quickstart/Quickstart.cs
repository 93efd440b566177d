using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>
/// The question of this library in small, on made-up data: a promptable model is pretrained on two data sets of synthetic CT torsos, a 2D one on their
/// slices, and UNETR's starts from either, or from neither, are compared on a third. What comes out is what comes out.
/// </summary>
public static class Quickstart
{
    private const double Spacing = 8; // mm
    private const int Edge = 24, PatchSize = 4, Width = 96, Blocks = 4, Heads = 4;

    /// <summary>An experiment of the comparison: a small encoder of SAM-Med3D's kind under UNETR's decoder, from scratch.</summary>
    /// <param name="dataset">The data set's folder.</param>
    /// <param name="output">Where its run folder is made.</param>
    /// <param name="steps">Training steps.</param>
    /// <param name="seed">Seed of everything random.</param>
    public static Experiment CreateExperiment(string dataset, string output, int steps = 150, long seed = 0) => new Experiment
    {
        Name = "quickstart",
        Seed = seed,
        Output = output,
        Data = new DataOptions
        {
            Root = dataset,
            Preprocessing = new PreprocessingOptions { Spacing = Spacing, Normalization = Normalization.ZScorePositive },
            Patches = new PatchOptions { ForegroundFraction = 0.5 },
        },
        Model = new UnetrOptions
        {
            Backbone = Encoder,
            ClassCount = SyntheticAnatomy.ClassNames.Count,
            FeatureSize = 16,
            HasAffineNorm = true,
            HasConvolutionalSkips = true,
        },
        Training = new TrainingOptions
        {
            Steps = steps, BatchSize = 2, LearningRate = 3e-3, WeightDecay = 1e-2, WarmupSteps = Math.Min(20, steps - 1), ValidateEvery = (steps + 1) / 2,
        },
        Inference = new SlidingWindowOptions { Overlap = 0.25 },
    }.Completed();

    /// <summary>
    /// Makes the data, pretrains both models, and writes the comparison's file, <c>starts.yaml</c>, for <see cref="ComparisonRunner"/> or
    /// <c>sammed3d compare</c>. What is there of an interrupted call with the same options is not made again.
    /// </summary>
    /// <param name="output">A folder that is new, empty, or of an interrupted call.</param>
    /// <param name="options">Its size.</param>
    /// <param name="progress">Told how far each part has come, on this thread.</param>
    /// <param name="stop">Stops between cases and steps.</param>
    /// <returns>The comparison; its file is <see cref="PlanPath"/> in the folder.</returns>
    /// <exception cref="InvalidDataException">The folder has something else.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; a second call goes on.</exception>
    public static ComparisonPlan Prepare(
        string output, QuickstartOptions? options = null, IProgress<RunProgress>? progress = null, CancellationToken stop = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(output);
        options = (options ?? new()).Validated();
        output = Path.GetFullPath(output);
        var plan = Plan(output, options);
        string planText = new ConfigWriter(new ConfigSchema()).Write(plan), sizes = JsonSerializer.Serialize(options, RunFolder.Json);
        Claim(output, sizes);
        ExperimentFile.Write(plan.Experiment, CreateExperiment(QuickstartData.TargetRoot(output), plan.Output, options.Steps) with { Device = "cpu" });
        AtomicFile.WriteText(PlanPath(output), planText);

        string list = QuickstartData.Write(output, options, progress, stop);
        PretrainClicks(output, list, options, progress, stop);
        string slices = SlicesPath(output);
        if (!File.Exists(slices))
            SlicePretraining.Run(Targets(list), SliceEncoder, new TrainingOptions
            {
                Steps = options.SliceSteps, BatchSize = 2, LearningRate = 1e-3, WeightDecay = 1e-2, WarmupSteps = Math.Min(20, options.SliceSteps - 1),
                ValidateEvery = 0, Seed = options.Seed,
            }, slices, progress, stop);
        return plan;
    }

    /// <summary>The comparison's file in the folder of <see cref="Prepare"/>.</summary>
    public static string PlanPath(string output) => Path.Combine(output, "starts.yaml");

    private static EncoderOptions Encoder => new()
    {
        ImageSize = Edge, PatchSize = PatchSize, EmbeddingWidth = Width, BlockCount = Blocks, HeadCount = Heads, OutputChannels = Width,
        WindowSize = 0, GlobalBlocks = [], RelativePosition = RelativePosition.Decomposed,
    };

    /// <summary>What both models are pretrained on. Where a user clicks, the object is not in the middle.</summary>
    private static TargetDataOptions Targets(string list) => new()
    {
        Root = list, Spacing = Spacing, MinimumVoxels = 12, MaximumShift = 4, Flips = new RandomFlipOptions { Axes = [] },
    };

    private static Sam2dEncoderOptions SliceEncoder => new()
    {
        ImageSize = Edge, PatchSize = PatchSize, EmbeddingWidth = Width, BlockCount = Blocks, HeadCount = Heads, OutputChannels = Width,
        WindowSize = 0, GlobalBlocks = [],
    };

    private static ComparisonPlan Plan(string output, QuickstartOptions options)
    {
        string clicks = Quoted(Path.Combine(ClicksFolder(output), "checkpoints", "last.safetensors")), slices = Quoted(SlicesPath(output));
        string grid = FormattableString.Invariant($"[{string.Join(", ", Enumerable.Range(0, Blocks))}]");
        return new ComparisonPlan
        {
            Name = "starts",
            Experiment = Path.Combine(output, "unetr.yaml"),
            Output = output,
            Seeds = [options.Seed, options.Seed + 1],
            Arms =
            [
                new ComparedStart { Name = "scratch", Description = "random weights" },
                new ComparedStart
                {
                    Name = "pretrained", Description = "the encoder of a small SAM-Med3D, pretrained by clicks on two other data sets",
                    Set = [$"start={{kind: sam-med3d, path: {clicks}}}"],
                },
                new ComparedStart
                {
                    Name = "inflated", Description = "a small 2D SAM, pretrained on slices of the two, made 3D",
                    Set = [$"start={{kind: sam-inflated, path: {slices}, inflation: {{variant: replicate-mean}}}}"],
                },
                new ComparedStart
                {
                    Name = "adapter", Description = "the same 2D SAM, frozen, under 3DSAM-adapter's adapters",
                    Set =
                    [
                        FormattableString.Invariant($"model.backbone={{kind: sam-adapter, imageSize: {Edge}, patchSize: {PatchSize}, embeddingWidth: {Width}, blockCount: {Blocks}, ")
                        + FormattableString.Invariant($"headCount: {Heads}, outputChannels: {Width}, samPatchSize: {PatchSize}, slicesPerToken: {PatchSize}, samGrid: {Edge / PatchSize}, ")
                        + FormattableString.Invariant($"samGlobalBlocks: {grid}, windowSize: {Edge / PatchSize}}}"),
                        $"start={{kind: sam-adapter, path: {slices}}}",
                    ],
                },
                new ComparedStart { Name = "transformer-off", Description = "the control: no transformer at all", Set = ["start={kind: transformer-off}"] },
            ],
            SurfaceTolerance = Spacing,
        };

        static string Quoted(string path) => $"'{path.Replace("'", "''", StringComparison.Ordinal)}'";
    }

    private static string ClicksFolder(string output) => Path.Combine(output, "pretraining", "clicks");

    private static string SlicesPath(string output) => Path.Combine(output, "pretraining", "slices.safetensors");

    /// <summary>The folder is this call's: what is in it was made with the same options.</summary>
    private static void Claim(string output, string sizes)
    {
        string mark = Path.Combine(output, "quickstart.json");
        if (File.Exists(mark))
        {
            if (File.ReadAllText(mark) != sizes)
                throw new InvalidDataException($"{output}: holds a quickstart with other options; give a new folder, or the same options to go on.");
            return;
        }

        if (Directory.Exists(output) && Directory.EnumerateFileSystemEntries(output).Any())
            throw new InvalidDataException($"{output}: is not empty; expected a new or an empty folder, or one of an interrupted quickstart.");
        Directory.CreateDirectory(output);
        AtomicFile.WriteText(mark, sizes);
    }

    private static void PretrainClicks(string output, string list, QuickstartOptions options, IProgress<RunProgress>? progress, CancellationToken stop)
    {
        var experiment = new PromptableExperiment
        {
            Name = "clicks",
            Task = RunTask.Promptable,
            Seed = options.Seed,
            Device = "cpu",
            Output = Path.GetDirectoryName(ClicksFolder(output))!,
            Data = Targets(list),
            Encoder = Encoder,
            Decoder = new MaskDecoderOptions { MlpWidth = 256 },
            Training = new PromptableTrainingOptions
            {
                Steps = options.PretrainingSteps, BatchSize = 2, LearningRate = 1e-3, HeadRateFraction = 1, WeightDecay = 1e-2, RoundCount = 3, GivesAllClicks = true,
                ClipNorm = 1, ValidateEvery = 0,
            },
        }.Completed();
        bool isThere = File.Exists(Path.Combine(ClicksFolder(output), "run.json"));
        var run = isThere ? RunFolder.Open(ClicksFolder(output))
            : RunFolder.Create(experiment, experiment.Device.Resolve(), TimeProvider.System.GetLocalNow(), ClicksFolder(output));
        if (run.Manifest.IsFinished)
            return;
        bool isResumed = isThere && File.Exists(run.StatePath);
        PromptableRunner.Train(run, new ClickProgress(progress), isResumed, stop);
    }

    /// <summary>Says which training it is; unlike <see cref="Progress{T}"/>, on the thread that works.</summary>
    private sealed class ClickProgress(IProgress<RunProgress>? progress) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => progress?.Report(value.Stage == "training" ? value with { Stage = "pretraining by clicks" } : value);
    }
}
