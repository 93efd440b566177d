namespace SamMed3D.Transfer.Tests;

public class ExperimentFileTests
{
    private const string Small = """
        name: small
        seed: 7
        data:
          root: data
        model:
          backbone:
            kind: plain-vit
            imageSize: [48, 64, 48]
            patchSize: 8
            embeddingWidth: 96
            headCount: 4
            blockCount: 6
          classCount: 3
        training:
          steps: 900
        """;

    private static string[] Problems(string text, params string[] overrides) =>
        [.. Assert.Throws<ExperimentFileException>(() => ExperimentFile.Parse(text, "run.yaml", overrides)).Problems.Select(problem => problem.ToString())];

    [Fact]
    public void The_shortest_experiment_is_unetr_on_the_published_encoder_from_scratch()
    {
        var experiment = ExperimentFile.Parse("name: x\ndata: {root: d}\n", "run.yaml");
        Assert.Equal(EncoderOptions.SamMed3D.EmbeddingWidth, Assert.IsType<EncoderOptions>(((UnetrOptions)experiment.Model).Backbone).EmbeddingWidth);
        Assert.IsType<ScratchStart>(experiment.Start);
        Assert.Equal(DeviceChoice.Auto, experiment.Device);
        Assert.Empty(experiment.Data.Flips.Axes);
    }

    [Fact]
    public void Patch_size_window_and_seed_have_one_place_in_the_file()
    {
        var experiment = ExperimentFile.Parse(Small, "run.yaml");
        Assert.Equal(new Size3(48, 64, 48), experiment.Data.Patches.PatchSize);
        Assert.Equal(new Size3(48, 64, 48), experiment.Inference.Window);
        Assert.Equal(7, experiment.Training.Seed);
        Assert.Equal(
            ["--set training.seed=3: training.seed: unknown key"],
            Problems(Small, "training.seed=3").Select(problem => problem.Split(" (did")[0]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("start={kind: checkpoint, path: a.pth, load: {resizePositions: true, allowMissing: [neck.]}}", "device=cuda:1", "data.flips.axes=[0, 2]")]
    [InlineData("start={kind: checkpoint, path: a.pth, load: {inputChannels: replicate, keepInitial: [out.], allowMissing: [decoder]}}")]
    [InlineData("training.loss={kind: dice-focal, focal: {gamma: 1.5}}", "data.root=/a b/\"c\"")]
    [InlineData("training.loss={kind: dice, classWeights: [1, 2, 3]}", "model.taps=[1, 3, {block: 5, isNormalized: true}]")]
    [InlineData("model.backbone={kind: sam-med3d, imageSize: 64}", "device=cpu")]
    [InlineData("data.augmentation=standard", "data.cache=.cache", "data.workers=2")]
    [InlineData("data.augmentation={elastic: {displacement: 3, controlSpacing: 20}, lowResolution: {zoom: [0.25, 1]}}")]
    public void The_resolved_experiment_reads_to_an_equal_one(params string[] overrides)
    {
        var experiment = ExperimentFile.Parse(Small, "run.yaml", [.. overrides.Where(text => text.Length > 0)]);
        string yaml = ExperimentFile.ToYaml(experiment);
        var again = ExperimentFile.Parse(yaml, "resolved.yaml");
        Assert.Equal(experiment, again);
        Assert.Equal(yaml, ExperimentFile.ToYaml(again));
    }

    [Fact]
    public void Augmentation_is_a_word_or_a_group_of_those_that_are_wanted()
    {
        Assert.Equal(AugmentationPreset.None, ExperimentFile.Parse(Small, "run.yaml").Data.Augmentation);
        var standard = ExperimentFile.Parse(Small, "run.yaml", ["data.augmentation=standard"]).Data.Augmentation;
        Assert.Equal(AugmentationPreset.Standard, standard);
        Assert.Equal((0.2, null, 0.1), (standard.Rotation!.Probability, standard.Elastic, standard.GaussianNoise!.Probability));
        var own = ExperimentFile.Parse(Small, "run.yaml", ["data.augmentation={rotation: {degrees: [5, 5, 15]}, scaling: {factor: [0.9, 1.1]}, gamma: {}}"]).Data.Augmentation;
        Assert.Equal(new AugmentationOptions { Rotation = new() { Degrees = new(5, 5, 15) }, Scaling = new() { Factor = new(0.9, 1.1) }, Gamma = new() }, own);

        Assert.Contains("expected one of none, intensity, standard, got 'standart' (did you mean 'standard'?)", Problems(Small, "data.augmentation=standart")[0], StringComparison.Ordinal);
        Assert.Contains("data.augmentation.scaling.factor: is 2 to 1", Problems(Small, "data.augmentation={scaling: {factor: [2, 1]}}")[0], StringComparison.Ordinal);
        Assert.Contains("data.workers", Problems(Small, "data.workers=-1")[0], StringComparison.Ordinal);
    }

    [Fact]
    public void The_resolved_experiment_has_every_default_and_no_hidden_key()
    {
        string yaml = ExperimentFile.ToYaml(ExperimentFile.Parse(Small, "run.yaml"));
        foreach (string line in new[] { "device: auto", "  fold: 0", "  taps: [2, 4, {block: 5, isNormalized: true}]", "  learningRate: 0.0001", "    kind: dice-cross-entropy", "  overlap: 0.5", "  kind: scratch" })
            Assert.Contains(line, yaml.Split('\n'));
        Assert.DoesNotContain("window:", yaml, StringComparison.Ordinal);
        Assert.DoesNotContain("  seed:", yaml, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_sort_of_problem_is_named_at_once()
    {
        string[] problems = Problems("""
            nmae: x
            device: gpu
            data:
              fold: -1
            model:
              backbone: {kind: vit}
            training:
              steps: ten
              learningRat: 1
            start: {kind: checkpoint}
            """);
        Assert.Equal(
            [
                "run.yaml:1:1: nmae: unknown key (did you mean 'name'?)",
                "run.yaml:1:1: name: missing key",
                "run.yaml:2:9: device: expected auto, cpu, cuda or one card such as cuda:1, got 'gpu'",
                "run.yaml:4:3: data.root: missing key",
                "run.yaml:6:20: model.backbone.kind: expected one of sam-med3d, plain-vit, sam-adapter, got 'vit'",
                "run.yaml:8:10: training.steps: expected a whole number, got 'ten'",
                "run.yaml:9:3: training.learningRat: unknown key (did you mean 'learningRate'?)",
                "run.yaml:10:8: start.path: missing key",
            ],
            problems);
    }

    [Theory]
    [InlineData("training.validateEvery=901", "training.validateEvery: is 901, but training.steps is 900")]
    [InlineData("training.warmupSteps=900", "training.warmupSteps: 900 leaves nothing of steps 900")]
    [InlineData("model.backbone.imageSize=50", "50x50x50")]
    [InlineData("model.classCount=1", "model.classCount: is 1; training needs 2 or more")]
    [InlineData("model.taps=[1, 2]", "model.taps: name 2 blocks")]
    [InlineData("name=../x", "name: '../x' names a folder")]
    [InlineData("data.flips.axes=[3]", "data.flips.axes: name 3, which is none of 0, 1 and 2.")]
    [InlineData("data.patches.foregroundFraction=1.5", "data.patches.foregroundFraction: Expected a foregroundFraction from 0 to 1, got 1.5.")]
    [InlineData("inference.overlap=1", "inference.overlap: 1 is not in [0, 1).")]
    [InlineData("training.loss={kind: dice, classWeights: [1, 2]}", "training.loss.classWeights: has 2 weights, but model.classCount is 3")]
    [InlineData("output=\"\"", "output: is empty")]
    public void Contradictions_are_named_with_their_key(string change, string message) =>
        Assert.Contains(message, Assert.Single(Problems(Small, change)), StringComparison.Ordinal);

    [Theory]
    [InlineData("start={kind: sam-inflated, path: sam.pth}", "start: 2D SAM's relative positions are the textbook ones", "model.backbone={kind: sam-med3d}")]
    [InlineData("start={kind: sam-inflated, path: sam.pth}", "start: 2D SAM's weights fit SAM-Med3D's kind of encoder alone")]
    [InlineData("start={kind: sam-inflated, path: ''}", "start.path: is empty; give a .pth or .safetensors file of a 2D SAM.", "model.backbone={kind: sam-med3d, relativePosition: decomposed}")]
    [InlineData("training.freezing={kind: up-to-block, block: 8}", "training.freezing: names block 8, but the encoder has blocks 0 to 5")]
    [InlineData("training.layerRateDecay=0", "training.layerRateDecay: 0 is not in (0, 1].")]
    [InlineData("training.freezing={kind: gradual, afterSteps: 0}", "training.freezing.afterSteps: 0 is not positive.")]
    [InlineData("training.freezing={kind: gradual, afterSteps: 1000000}", "training.freezing: the embedding would join after 1000000 steps")]
    [InlineData("start={kind: lora, path: a.pth, lora: {rank: 768}}", "start: LoRA of rank 768 is no saving", "model.backbone={kind: sam-med3d}")]
    [InlineData("start={kind: adapter, path: a.pth}", "missing key; expected a group of keys with kind: lora | bottleneck", "model.backbone={kind: sam-med3d}")]
    [InlineData("start={kind: scratch, path: a.pth}", "start.path: unknown key; this kind has no keys of its own")]
    [InlineData("training.freezing={kind: all}", "expected one of nothing, encoder, up-to-block, gradual")]
    [InlineData("start={kind: transformer-off, path: x}", "start.path: unknown key")]
    [InlineData("start={kind: lora, path: a.pth}", "start: is for SAM-Med3D's kind of encoder")]
    [InlineData("start={kind: lora, path: a.pth, lora: {rank: 0}}", "start.lora.rank: is 0; it must be at least 1.", "model.backbone={kind: sam-med3d}")]
    [InlineData("start={kind: lora, path: a.pth, lora: {targets: [value]}}", "expected one of qkv, projection, mlp", "model.backbone={kind: sam-med3d}")]
    [InlineData("start={kind: adapter, path: a.pth}", "start.adapter: missing key", "model.backbone={kind: sam-med3d}")]
    [InlineData("start={kind: sam-adapter, path: sam.pth}", "start: sam-adapter is for 3DSAM-adapter's encoder")]
    [InlineData("training.freezing={kind: encoder}", "training.freezing: encoder would freeze the adapters", "model.backbone={kind: sam-med3d}", "start={kind: lora, path: a.pth}")]
    public void Starts_and_freezing_that_make_no_sense_are_named_with_their_key(string change, string message, params string[] others) =>
        Assert.Contains(message, Assert.Single(Problems(Small, [change, .. others])), StringComparison.Ordinal);

    [Theory]
    [InlineData("start={kind: sam-inflated, path: sam.pth, inflation: {variant: centre, newAxis: x}}")]
    [InlineData("start={kind: transformer-off}")]
    [InlineData("start={kind: lora, path: a.pth, lora: {rank: 4, targets: [qkv, mlp]}}")]
    [InlineData("start={kind: adapter, path: a.pth, adapter: {kind: bottleneck, placement: series}}")]
    [InlineData("start={kind: adapter, path: a.pth, adapter: {kind: bias-only}}")]
    [InlineData("training.freezing={kind: gradual, afterSteps: 10, stepsPerBlock: 5}")]
    public void Starts_and_freezing_survive_being_written_and_read(string change)
    {
        var experiment = ExperimentFile.Parse(Small, "run.yaml", ["model.backbone={kind: sam-med3d, relativePosition: decomposed}", change]);
        string text = ExperimentFile.ToYaml(experiment);
        Assert.Equal(experiment, ExperimentFile.Parse(text, "again.yaml"));
        Assert.DoesNotContain("hasTransformer", text, StringComparison.Ordinal);
        Assert.Equal(((UnetrOptions)experiment.Model).Backbone, experiment.Start.Fit(((UnetrOptions)experiment.Model).Backbone));
    }

    [Fact]
    public void A_start_without_transformer_decides_that_of_the_encoder_wherever_the_experiment_is_read()
    {
        Assert.False(((UnetrOptions)ExperimentFile.Parse(Small, "run.yaml", ["start={kind: transformer-off}"]).Model).Backbone.HasTransformer);
        Assert.True(((UnetrOptions)ExperimentFile.Parse(Small, "run.yaml").Model).Backbone.HasTransformer);
    }

    [Fact]
    public void The_published_positions_can_be_inflated_into_when_that_is_said() => Assert.NotNull(ExperimentFile.Parse(Small, "run.yaml",
    [
        "model.backbone={kind: sam-med3d, relativePosition: published}",
        "start={kind: sam-inflated, path: sam.pth, inflation: {allowsPublishedPositions: true}}",
    ]));

    private const string Network = "model={kind: residual-unet, imageSize: [16, 32, 32], featureSize: 16, classCount: 3}";

    [Fact]
    public void A_model_without_a_kind_is_a_UNETR_and_a_residual_U_Net_is_chosen_by_it()
    {
        Assert.IsType<UnetrOptions>(ExperimentFile.Parse(Small, "run.yaml").Model);
        Assert.Equal(ExperimentFile.Parse(Small, "run.yaml"), ExperimentFile.Parse(Small, "run.yaml", ["model.kind=unetr"]));
        var experiment = ExperimentFile.Parse(Small, "run.yaml", [Network, "data.preprocessing.spacing=[4, 1, 1]"]);
        var network = Assert.IsType<ResidualUnetOptions>(experiment.Model);
        Assert.Equal(new Size3(16, 32, 32), experiment.Data.Patches.PatchSize);
        Assert.Equal(new Size3(16, 32, 32), experiment.Inference.Window);
        Assert.Equal([1, new(1, 2, 2), new(1, 2, 2), 2], network.Strides!);
        Assert.Equal([1, 3, 4, 6], network.BlockCounts!);
        string yaml = ExperimentFile.ToYaml(experiment);
        Assert.Contains("kind: residual-unet", yaml, StringComparison.Ordinal);
        Assert.Equal(experiment, ExperimentFile.Parse(yaml, "again.yaml"));
        Assert.Equal(yaml, ExperimentFile.ToYaml(ExperimentFile.Parse(yaml, "again.yaml")));
    }

    [Theory]
    [InlineData("model.strides=[1, [2, 2, 4]]", "model.strides: are [1x1x1, 2x2x4]; each is 1 or 2 along an axis.")]
    [InlineData("model.imageSize=22", "model.imageSize: A volume of 22x22x22 voxels cannot be halved as often as the 3 stages ask; sizes that fit are multiples of 4x4x4, such as 20x20x20 or 24x24x24.")]
    [InlineData("model.imageSize=[20, 22, 20]", "model.imageSize: A volume of 20x22x20 voxels cannot be halved")]
    [InlineData("model.featureSize=24", "model.featureSize: is 24; it must be a multiple of 16")]
    [InlineData("model.blockCounts=[1, 3]", "model.blockCounts: name 2 stages, but strides are not given")]
    [InlineData("model.backbone={kind: sam-med3d}", "model.backbone: unknown key")]
    [InlineData("model.kind=unet", "model.kind: expected one of unetr, residual-unet, got 'unet' (did you mean 'unetr'?)")]
    [InlineData("start={kind: lora, path: a.pth}", "start: is about the blocks of a transformer, which this model.kind does not have; start from scratch, or from a checkpoint")]
    [InlineData("start={kind: frozen, path: a.pth}", "start: is about the blocks of a transformer")]
    [InlineData("start={kind: sam-adapter, path: a.pth}", "start: is about the blocks of a transformer")]
    [InlineData("start={kind: transformer-off}", "start: is about the blocks of a transformer")]
    [InlineData("training.freezing={kind: encoder}", "training.freezing: is about the blocks of a transformer")]
    [InlineData("training.layerRateDecay=0.5", "training.layerRateDecay: is about the blocks of a transformer")]
    [InlineData("training.checkpointing=true", "training.checkpointing: is about the blocks of a transformer")]
    [InlineData("training.loss={kind: dice, classWeights: [1, 2]}", "training.loss.classWeights: has 2 weights, but model.classCount is 3")]
    public void What_a_residual_U_Net_cannot_be_is_named_with_its_key_in_one_line(string change, string message, params string[] others) =>
        Assert.Contains(message, Assert.Single(Problems(Small, [Network, change, .. others])), StringComparison.Ordinal);

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Contains("nothing.yaml: no such file", Assert.Throws<FileNotFoundException>(() => ExperimentFile.Read("nothing.yaml")).Message, StringComparison.Ordinal);

    [Fact]
    public void Every_file_in_configs_parses()
    {
        string folder = Path.Combine(Repository.Root, "configs");
        string[] files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.yaml") : [];
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.NotNull(ExperimentFile.TaskOf(file) == RunTask.Promptable
            ? (RunOptions)PromptableExperimentFile.Read(file) : ExperimentFile.Read(file)));
    }

    [Fact]
    public void Every_kind_of_start_has_a_config()
    {
        var starts = ((IEnumerable<object[]>)Segmentations).Select(row => ExperimentFile.Read(Path.Combine(Repository.Root, "configs", (string)row[0])).Start.GetType()).ToHashSet();
        Assert.Equal(
            typeof(StartOptions).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(StartOptions)) && !type.IsAbstract).Select(type => type.Name).Order(),
            starts.Select(type => type.Name).Order());
    }

    [Fact]
    public void A_frozen_start_freezes_the_encoder_and_contradicts_other_freezing()
    {
        string[] frozen = ["model.backbone={kind: sam-med3d}", "start={kind: frozen, path: a.pth}"];
        Assert.IsType<FreezeEncoder>(ExperimentFile.Parse(Small, "run.yaml", frozen).Training.Freezing);
        Assert.Contains("contradicts the start", Assert.Throws<ExperimentFileException>(() => ExperimentFile.Parse(
            Small, "run.yaml", [.. frozen, "training.freezing={kind: gradual, afterSteps: 5}"])).Message, StringComparison.Ordinal);
        Assert.True(((FrozenStart)ExperimentFile.Parse(Small, "run.yaml", frozen).Start).Load.ResizePositions);
    }

    [Fact]
    public void Every_comparison_in_configs_parses_with_each_of_its_runs()
    {
        string[] files = Directory.GetFiles(Path.Combine(Repository.Root, "configs", "compare"), "*.yaml");
        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            var plan = ComparisonPlan.Read(file);
            plan = plan with { Experiment = Path.Combine(Repository.Root, plan.Experiment) };
            Assert.All(plan.Cells(), cell => Assert.Equal(cell.Id, cell.CreateExperiment().Name));
            // Arms of other networks get the same patches.
            Assert.Single(plan.Cells().Select(cell => cell.CreateExperiment()).Select(experiment => (experiment.Data.Patches, experiment.Training.BatchSize)).Distinct());
        }
    }

    public static TheoryData<string> Segmentations =>
    [
        .. Directory.GetFiles(Path.Combine(Repository.Root, "configs"), "*.yaml").Where(file => ExperimentFile.TaskOf(file) == RunTask.Segmentation)
            .Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Segmentations))]
    public void Every_segmentation_in_configs_builds_at_full_size_and_something_of_it_learns(string file)
    {
        var experiment = ExperimentFile.Read(Path.Combine(Repository.Root, "configs", file));
        set_default_device(META);
        try
        {
            using var model = (experiment.Model with { ClassCount = 3 }).Create();
            var table = new ParameterGroups(model, experiment.Training).Table;
            Assert.InRange(table.Trained, 1, table.Parameters);
        }
        finally
        {
            set_default_device(CPU);
        }
    }
}
