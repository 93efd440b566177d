using System.Text.Json;

namespace SamMed3D.Transfer.Tests;

/// <summary>The whole way on tiny data: data set, training, weights, prediction, scores.</summary>
public sealed class ExperimentRunnerTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("sammed3d-test-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_run_leaves_weights_that_segment_unseen_files_onto_their_own_grids()
    {
        var experiment = ExperimentRunner.Prepare(Tiny());
        var run = Create(experiment, "run");
        var scores = ExperimentRunner.Train(run);

        Assert.True(RunFolder.Open(run.Path).Manifest.IsFinished);
        Assert.False(double.IsNaN(scores.MeanDice));
        Assert.Equal(1 + experiment.Training.Steps, File.ReadAllLines(run.MetricsPath).Length);

        string images = Path.Combine(_root, "data", "imagesTs"), predictions = Path.Combine(_root, "predictions");
        string written = Assert.Single(FolderPrediction.Run(new PredictionRequest(experiment, run.BestPath, [images], predictions, "cpu")).Written);
        using var image = Volume.Open(Directory.GetFiles(images).Single());
        using var labels = LabelVolume.Open(written);
        Assert.Equal(image.Geometry.Size, labels.Geometry.Size);
        Assert.True(image.Geometry.Matches(labels.Geometry));
        var evaluated = FolderEvaluation.Run(predictions, Path.Combine(_root, "data", "labelsTs"), DatasetManifest.Open(experiment.Data.Root));
        Assert.Single(evaluated.Model.Cases);
        Assert.NotNull(evaluated.PositionGuess);
    }

    [Fact]
    public void The_same_experiment_gives_the_same_curve()
    {
        var experiment = ExperimentRunner.Prepare(Tiny());
        var first = Create(experiment, "first");
        ExperimentRunner.Train(first);
        var second = Create(experiment, "second");
        ExperimentRunner.Train(second);
        Assert.Equal(File.ReadAllText(first.MetricsPath), File.ReadAllText(second.MetricsPath));
    }

    [Fact]
    public void The_statistics_of_the_training_cases_are_filled_in_where_the_normalisation_needs_them()
    {
        var tiny = Tiny();
        Assert.Null(tiny.Data.Preprocessing.Statistics);
        Assert.Single(ExperimentRunner.Prepare(tiny).Data.Preprocessing.Statistics!);
    }

    [Fact]
    public void A_start_from_an_encoder_of_another_grid_reports_what_was_resized()
    {
        var experiment = Tiny();
        string path = Path.Combine(_root, "encoder.pth");
        using (var other = new ImageEncoder((EncoderOptions)((UnetrOptions)experiment.Model).Backbone with { ImageSize = 32 }))
            PyTorchCheckpoint.Save(path, other.state_dict().Select(entry => KeyValuePair.Create("image_encoder." + entry.Key, entry.Value)));
        experiment = ExperimentRunner.Prepare(experiment with
        {
            Start = new CheckpointStart { Path = path, Load = new LoadPolicy { ResizePositions = true, MinimumCoverage = 1 } },
        });

        var run = Create(experiment, "run");
        ExperimentRunner.Train(run);

        using var report = JsonDocument.Parse(File.ReadAllText(run.LoadReportPath));
        string[] resized = [.. report.RootElement.GetProperty("entries").EnumerateArray()
            .Where(entry => entry.GetProperty("outcome").GetString() == "resized").Select(entry => entry.GetProperty("name").GetString()!)];
        Assert.Contains("vit.pos_embed", resized);
        Assert.Equal(1, report.RootElement.GetProperty("coverage").GetDouble());
    }

    [Fact]
    public void A_start_that_fills_less_than_demanded_stops_before_any_case_is_opened_and_leaves_no_folder()
    {
        var experiment = Tiny();
        string path = Path.Combine(_root, "encoder.safetensors");
        using (var encoder = ((UnetrOptions)experiment.Model).Backbone.Create())
            SafetensorsFile.Save(path, encoder.state_dict().Where(entry => !entry.Key.StartsWith("blocks.1.", StringComparison.Ordinal)));
        var policy = new LoadPolicy { AllowMissing = ["vit.blocks."], MinimumCoverage = 1 };
        var run = Create(ExperimentRunner.Prepare(experiment with { Start = new CheckpointStart { Path = path, Load = policy } }), "run");
        var progress = new Recorded();

        var refused = Assert.Throws<WeightsRefusedException>(() => ExperimentRunner.Train(run, progress));

        Assert.Contains("less than the 100.0% demanded", refused.Message, StringComparison.Ordinal);
        Assert.Equal(refused.Report.Entries.Count(entry => entry.Name.StartsWith("vit.blocks.1.", StringComparison.Ordinal)),
            refused.Report.Entries.Count(entry => entry is { IsAsked: true, Outcome: LoadOutcome.Initialised }));
        Assert.Empty(progress.Stages);
        Assert.False(Directory.Exists(run.Path));
    }

    [Fact]
    public void The_run_folder_has_the_whole_ledger_of_the_load()
    {
        var experiment = Tiny();
        string path = Path.Combine(_root, "encoder.pth");
        using (var encoder = ((UnetrOptions)experiment.Model).Backbone.Create())
            PyTorchCheckpoint.Save(path, encoder.state_dict().Select(entry => KeyValuePair.Create("image_encoder." + entry.Key, entry.Value)).Append(
                KeyValuePair.Create("prompt_encoder.no_mask_embed.weight", zeros(1, 4))));
        var run = Create(ExperimentRunner.Prepare(experiment with { Start = new CheckpointStart { Path = path } }), "run");
        ExperimentRunner.Train(run);

        using var json = JsonDocument.Parse(File.ReadAllText(run.LoadReportPath));
        var report = json.RootElement;
        using var checkpoint = Checkpoint.Open(path);
        Assert.Equal(checkpoint.Sha256, report.GetProperty("sha256").GetString());
        Assert.Equal(checkpoint.Tensors.Select(info => info.Name), report.GetProperty("sources").EnumerateArray().Select(source => source.GetProperty("key").GetString()));
        Assert.Equal("prompt encoder", report.GetProperty("sources").EnumerateArray().Last().GetProperty("part").GetString());
        using var model = run.Experiment.Model.Create();
        Assert.Equal(model.state_dict().Keys, report.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("name").GetString()!));
        Assert.Equal("meanPreserving", report.GetProperty("policy").GetProperty("inputChannels").GetString());
        Assert.Equal(24, report.GetProperty("family").GetProperty("architecture").GetProperty("embeddingWidth").GetInt32());
        Assert.Equal(1, report.GetProperty("tensorCoverage").GetDouble());
    }

    [Fact]
    public void A_checkpoint_of_another_kind_of_model_is_named_before_anything_is_made()
    {
        var experiment = Tiny();
        string path = Path.Combine(_root, "vit.safetensors");
        using (var encoder = new PlainViT(new PlainViTOptions { ImageSize = 16, EmbeddingWidth = 24, BlockCount = 3, HeadCount = 3, MlpWidth = 8 }))
            SafetensorsFile.Save(path, encoder.state_dict());
        var problem = Assert.Throws<InvalidDataException>(() => ExperimentRunner.Prepare(experiment with { Start = new CheckpointStart { Path = path } }));
        Assert.StartsWith($"{path} cannot be start.path: it was recognised as ViT (MONAI)", problem.Message, StringComparison.Ordinal);
        Assert.Contains("expects one of: SAM-Med3D, ", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_several_input_channels_starts_from_an_encoder_of_one_without_being_told_how()
    {
        var experiment = Tiny();
        string path = Path.Combine(_root, "encoder.safetensors");
        using var encoder = ((UnetrOptions)experiment.Model).Backbone.Create();
        SafetensorsFile.Save(path, encoder.state_dict());
        using var model = ExperimentModel.Create(experiment with
        {
            Model = (UnetrOptions)experiment.Model with { Backbone = (EncoderOptions)((UnetrOptions)experiment.Model).Backbone with { InputChannels = 2 } },
            Start = new CheckpointStart { Path = path },
        }, out var report);
        var kernel = Assert.Single(report!.Entries, entry => entry.Outcome == LoadOutcome.Resized);
        Assert.Equal("vit.patch_embed.proj.weight", kernel.Name);
        Assert.Equal("input channels 1 -> 2, the kernel repeated and divided by 2", kernel.How);
        using var halved = encoder.state_dict()["patch_embed.proj.weight"] / 2;
        using var second = model.state_dict()[kernel.Name].narrow(1, 1, 1);
        Assert.True(second.allclose(halved));
    }

    [Fact]
    public void A_Unetr_of_other_classes_starts_but_for_its_last_layer()
    {
        var experiment = Tiny();
        string path = Path.Combine(_root, "unetr.safetensors");
        using (var other = (experiment.Model with { ClassCount = 3 }).Create())
            SafetensorsFile.Save(path, other.state_dict());
        Experiment From(LoadPolicy policy) => experiment with { Start = new CheckpointStart { Path = path, Load = policy } };
        Assert.Contains("start.load.keepInitial", Assert.Throws<WeightsRefusedException>(
            () => ExperimentModel.Create(From(new LoadPolicy()), out _)).Message, StringComparison.Ordinal);

        using var model = ExperimentModel.Create(From(new LoadPolicy { KeepInitial = ["out."], MinimumCoverage = 1 }), out var report);
        Assert.Equal(ModelFamily.SamMed3DUnetr, report!.Family.Family);
        Assert.Equal(["out.conv.conv.weight", "out.conv.conv.bias"], report.Entries.Where(entry => !entry.IsFilled).Select(entry => entry.Name));
    }

    [Theory]
    [InlineData(InflationVariant.Replicate)]
    [InlineData(InflationVariant.ReplicateMean)]
    [InlineData(InflationVariant.Centre)]
    public void A_run_starts_from_a_2D_SAM_and_its_folder_has_the_ledger_of_the_inflation(InflationVariant variant)
    {
        var experiment = Inflated(variant);
        var run = Create(ExperimentRunner.Prepare(experiment), "run");
        var progress = new Recorded();
        ExperimentRunner.Train(run, progress);

        using var report = JsonDocument.Parse(File.ReadAllText(run.LoadReportPath));
        Assert.Equal(1, report.RootElement.GetProperty("coverage").GetDouble());
        Assert.Equal(4 + 3 * 4, report.RootElement.GetProperty("entries").EnumerateArray().Count(entry => entry.GetProperty("outcome").GetString() == "inflated"));
        Assert.Equal(JsonNamingPolicy.CamelCase.ConvertName($"{variant}"), report.RootElement.GetProperty("inflation").GetProperty("variant").GetString());
        using var trained = Checkpoint.Open(run.LastPath);
        Assert.Equal(report.RootElement.GetProperty("sha256").GetString(), trained.Manifest!.Source!.Sha256);

        using var table = JsonDocument.Parse(File.ReadAllText(run.ParametersPath));
        Assert.Equal(["patch embedding and positions", "blocks 0-3", "neck", "head"],
            table.RootElement.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("part").GetString()));
        Assert.Equal(["loading", "learning"], progress.Stages.Distinct().Where(stage => stage is "loading" or "learning"));
    }

    [Fact]
    public void Inflation_into_the_published_positions_is_refused_before_anything_is_made()
    {
        var experiment = Inflated(InflationVariant.Replicate);
        var published = (EncoderOptions)((UnetrOptions)experiment.Model).Backbone with { RelativePosition = RelativePosition.Published };
        var problem = Assert.Throws<InvalidDataException>(
            () => ExperimentRunner.Prepare(experiment with { Model = (UnetrOptions)experiment.Model with { Backbone = published } }));
        Assert.Contains("allowsPublishedPositions", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_without_transformer_leaves_weights_that_its_folder_can_open()
    {
        var run = Create(ExperimentRunner.Prepare((Tiny() with { Start = new TransformerOffStart() }).Completed()), "run");
        ExperimentRunner.Train(run);
        var opened = RunFolder.Open(run.Path).Experiment;
        Assert.False(((UnetrOptions)opened.Model).Backbone.HasTransformer);
        using var model = ExperimentModel.Open(opened, run.BestPath, CPU);
        Assert.DoesNotContain(model.state_dict().Keys, key => key.StartsWith("vit.blocks.", StringComparison.Ordinal));
        using var weights = Checkpoint.Open(run.BestPath);
        Assert.False(((UnetrOptions)weights.Manifest!.Model!).Backbone.HasTransformer);
    }

    [Fact]
    public void A_frozen_encoder_leaves_a_run_as_it_entered_it()
    {
        var tiny = Tiny();
        var experiment = ExperimentRunner.Prepare(tiny with { Training = tiny.Training with { Freezing = new FreezeEncoder() } });
        using var start = ExperimentModel.Create(experiment, out _);
        var run = Create(experiment, "run");
        ExperimentRunner.Train(run);
        using var model = ExperimentModel.Open(experiment, run.LastPath, CPU);
        using var scope = NewDisposeScope();
        Assert.All(model.named_parameters().Zip(start.named_parameters()), pair => Assert.Equal(
            pair.First.name.StartsWith("vit.", StringComparison.Ordinal), pair.First.parameter.equal(pair.Second.parameter).all().item<bool>()));
    }

    [Fact]
    public void A_run_on_a_file_that_is_another_by_now_does_not_go_on()
    {
        var tiny = Tiny();
        string path = Encoder(tiny);
        var run = Create(ExperimentRunner.Prepare((tiny with { Start = new LoraStart { Path = path, Lora = new() { Rank = 2 } } }).Completed()), "run");
        using var stop = new CancellationTokenSource();
        var stopper = new Stopper(stop);
        Assert.Throws<RunStoppedException>(() => { ExperimentRunner.Train(run, stopper, stop: stop.Token); });
        byte[] first = File.ReadAllBytes(path);
        Encoder(tiny);
        string message = Assert.Throws<InvalidDataException>(() => { ExperimentRunner.Train(RunFolder.Open(run.Path), isResumed: true); }).Message;
        Assert.Contains($"{path}: not the file that {run.Path} began with", message, StringComparison.Ordinal);
        File.WriteAllBytes(path, first);
        Assert.NotNull(ExperimentRunner.Train(RunFolder.Open(run.Path), isResumed: true));
    }

    [Fact]
    public void What_learned_alone_and_lora_without_a_place_are_no_start_and_the_way_out_is_named()
    {
        var tiny = Tiny();
        var run = Create(ExperimentRunner.Prepare((tiny with { Start = new LoraStart { Path = Encoder(tiny), Lora = new() { Rank = 2 } } }).Completed()), "run");
        ExperimentRunner.Train(run);
        string Refusal(string path) => Assert.Throws<InvalidDataException>(
            () => ExperimentRunner.Prepare(tiny with { Start = new CheckpointStart { Path = path } })).Message;
        Assert.Contains("only what learned on top of encoder.safetensors", Refusal(run.AdapterPath), StringComparison.Ordinal);
        Assert.Contains("--base encoder.safetensors", Refusal(run.AdapterPath), StringComparison.Ordinal);
        Assert.Contains("merge it first", Refusal(run.BestPath), StringComparison.Ordinal);
    }

    private string Encoder(Experiment experiment)
    {
        string path = Path.Combine(_root, "encoder.safetensors");
        using var encoder = ((UnetrOptions)experiment.Model).Backbone.Create();
        SafetensorsFile.Save(path, encoder.state_dict());
        return path;
    }

    public static TheoryData<string> AdaptedStarts => ["lora", "depth-aware", "bottleneck", "bias-only", "norm-only"];

    [Theory]
    [MemberData(nameof(AdaptedStarts))]
    public void A_run_of_adapters_changes_nothing_else_of_the_encoder_and_leaves_a_small_file(string kind)
    {
        string path = Path.Combine(_root, "encoder.safetensors");
        var tiny = Tiny();
        using (var encoder = ((UnetrOptions)tiny.Model).Backbone.Create())
            SafetensorsFile.Save(path, encoder.state_dict());
        StartOptions start = kind switch
        {
            "lora" => new LoraStart { Path = path, Lora = new() { Rank = 2 } },
            "depth-aware" => new AdapterStart { Path = path, Adapter = new DepthAwareOptions() },
            "bottleneck" => new AdapterStart { Path = path, Adapter = new BottleneckOptions { Width = 4 } },
            "bias-only" => new AdapterStart { Path = path, Adapter = new BiasOnlyOptions() },
            _ => new AdapterStart { Path = path, Adapter = new NormOnlyOptions() },
        };
        var run = Create(ExperimentRunner.Prepare((tiny with { Start = start }).Completed()), "run");
        ExperimentRunner.Train(run);

        var opened = RunFolder.Open(run.Path).Experiment;
        using var model = ExperimentModel.Open(opened, run.BestPath, CPU);
        using (var basis = Checkpoint.Open(path))
            foreach (var info in basis.Tensors)
            {
                using var before = basis.Read(info.Name);
                var after = model.state_dict()["vit." + info.Name];
                Assert.True(after.requires_grad || before.equal(after).all().item<bool>(), info.Name);
            }

        Assert.Contains(model.named_parameters(), entry => entry.name.StartsWith("vit.", StringComparison.Ordinal) && entry.parameter.requires_grad);
        using var small = (Unetr)AdapterCheckpoint.Open(run.AdapterPath, path);
        Assert.All(small.state_dict(), entry => Assert.True(entry.Value.equal(model.state_dict()[entry.Key]).all().item<bool>(), entry.Key));

        // Such a run can be the start of another, adapters included.
        using var again = ExperimentModel.Create(opened with { Start = ((AdaptedStart)start) with { Path = run.BestPath } }, out var report);
        Assert.True(report!.IsComplete);
        Assert.Equal(report.Entries.Count, report.Entries.Count(entry => entry.IsFilled));
    }

    [SkippableFact]
    public void A_run_starts_from_a_frozen_2D_SAM_under_3DSAM_adapters()
    {
        string path = Repository.Shared("golden/sam2d_tiny/sam2d.pth");
        var tiny = Tiny();
        var experiment = tiny with
        {
            Model = (UnetrOptions)tiny.Model with
            {
                Backbone = new SamAdapterOptions
                {
                    ImageSize = 16, PatchSize = 4, SlicesPerToken = 4, SamGrid = 4, SamWindowSize = 3, SamGlobalBlocks = [1, 3], WindowSize = 2,
                    EmbeddingWidth = 24, BlockCount = 4, HeadCount = 3, OutputChannels = 16,
                },
            },
            Start = new SamAdapterStart { Path = path },
        };
        var run = Create(ExperimentRunner.Prepare(experiment.Completed()), "run");
        ExperimentRunner.Train(run);
        using var model = ExperimentModel.Open(RunFolder.Open(run.Path).Experiment, run.BestPath, CPU);
        using var small = (Unetr)AdapterCheckpoint.Open(run.AdapterPath, path);
        Assert.All(small.state_dict(), entry => Assert.True(entry.Value.equal(model.state_dict()[entry.Key]).all().item<bool>(), entry.Key));
    }

    /// <summary>A start from the golden 2D SAM.</summary>
    private Experiment Inflated(InflationVariant variant)
    {
        var tiny = Tiny();
        return (tiny with
        {
            Model = (UnetrOptions)tiny.Model with
            {
                Backbone = new EncoderOptions
                {
                    ImageSize = 32, EmbeddingWidth = 24, BlockCount = 4, HeadCount = 3, WindowSize = 3, GlobalBlocks = [1, 3], OutputChannels = 32,
                    RelativePosition = RelativePosition.Decomposed,
                },
            },
            Start = new InflatedStart { Path = Repository.Golden("sam2d_tiny/sam2d.pth"), Inflation = new InflationOptions { Variant = variant } },
        }).Completed();
    }

    [Fact]
    public void A_checkpoint_that_is_not_there_is_named_before_anything_is_made()
    {
        string path = Path.Combine(_root, "missing.pth");
        var problem = Assert.Throws<FileNotFoundException>(
            () => ExperimentRunner.Prepare(Tiny() with { Start = new CheckpointStart { Path = path } }));
        Assert.StartsWith(path, problem.Message, StringComparison.Ordinal);
        Assert.Contains("start.path", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_number_of_classes_than_the_data_set_has_is_refused_with_both()
    {
        var tiny = Tiny();
        var problem = Assert.Throws<InvalidDataException>(() => ExperimentRunner.Prepare(tiny with { Model = tiny.Model with { ClassCount = 3 } }));
        Assert.Contains("7 classes", problem.Message, StringComparison.Ordinal);
        Assert.Contains("model.classCount is 3", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_number_of_classes_comes_from_the_data_set_where_it_is_not_given()
    {
        var tiny = Tiny();
        Assert.Equal(7, ExperimentRunner.Prepare(tiny with { Model = tiny.Model with { ClassCount = 0 } }).Model.ClassCount);
        Assert.Contains("ClassCount is not set", Assert.Throws<ArgumentException>(
            () => (tiny.Model with { ClassCount = 0 }).Create()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_cannot_begin_leaves_no_folder_behind()
    {
        var experiment = ExperimentRunner.Prepare(Tiny());
        var run = Create(experiment, "run");
        var empty = experiment with { Data = experiment.Data with { Budget = new TrainingBudget { Percent = 10, File = Path.Combine(_root, "budgets.json") } } };
        File.WriteAllText(empty.Data.Budget!.File, """[{"10": []}]""");
        var limited = Create(empty, "limited");
        Assert.Contains("fold 0, 10 percent, has no cases", Assert.Throws<InvalidDataException>(() => ExperimentRunner.Train(limited)).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(limited.Path));
        var uncached = Create(experiment with { Data = experiment.Data with { Cache = empty.Data.Budget!.File } }, "uncached");
        Assert.Contains("cannot be the cache's folder", Assert.Throws<InvalidDataException>(() => ExperimentRunner.Train(uncached)).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(uncached.Path));
        File.WriteAllText(Directory.GetFiles(Path.Combine(_root, "data", "imagesTr"))[0], "no volume");
        Assert.Throws<InvalidDataException>(() => ExperimentRunner.Train(run));
        Assert.False(Directory.Exists(run.Path));
    }

    [Fact]
    public void A_training_takes_its_files_for_what_they_hold_whatever_its_cache_remembers()
    {
        var tiny = Tiny();
        var experiment = ExperimentRunner.Prepare(tiny with { Data = tiny.Data with { Cache = Path.Combine(_root, "cache") } });
        string[] files = Directory.GetFiles(Path.Combine(_root, "data", "labelsTr"));
        foreach (string file in files)
        {
            using var labels = LabelVolume.Open(file);
            labels.Save(Path.Combine(_root, "plain.nii"));
            Write(file, File.ReadAllBytes(Path.Combine(_root, "plain.nii")));
        }

        string Metrics(Experiment of, string name)
        {
            var run = Create(of, name);
            ExperimentRunner.Train(run);
            return File.ReadAllText(run.MetricsPath);
        }

        string before = Metrics(experiment, "before");
        foreach (string file in files)
        {
            byte[] bytes = File.ReadAllBytes(file);
            bytes.AsSpan(352).Replace((byte)1, (byte)2); // Behind the header.
            Write(file, bytes);
        }

        string cached = Metrics(experiment, "cached"), plain = Metrics(experiment with { Data = experiment.Data with { Cache = null } }, "plain");
        Assert.NotEqual(before, plain);
        Assert.Equal(plain, cached);

        static void Write(string file, byte[] bytes)
        {
            File.WriteAllBytes(file, bytes);
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
        }
    }

    [Fact]
    public void A_stopped_run_that_goes_on_ends_like_one_that_was_never_stopped()
    {
        var tiny = Tiny();
        var experiment = ExperimentRunner.Prepare(tiny with
        {
            KeepBest = 2, Training = tiny.Training with { Steps = 7, ValidateEvery = 2, AverageDecay = 0.9, AccumulationSteps = 2 },
        });
        var whole = Create(experiment, "whole");
        var scores = ExperimentRunner.Train(whole);
        var stopped = Create(experiment, "stopped");
        using var stop = new CancellationTokenSource();
        Assert.Throws<RunStoppedException>(() => { ExperimentRunner.Train(stopped, new Stopper(stop), stop: stop.Token); });
        var resumed = ExperimentRunner.Train(RunFolder.Open(stopped.Path), isResumed: true);

        Assert.Equal(scores.MeanDice, resumed.MeanDice);
        Assert.Equal(File.ReadAllText(whole.MetricsPath), File.ReadAllText(stopped.MetricsPath));
        string[] files = [.. Directory.GetFiles(Path.GetDirectoryName(whole.BestPath)!).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];
        Assert.Equal(files, Directory.GetFiles(Path.GetDirectoryName(stopped.BestPath)!).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(2, files.Count(file => file.StartsWith("step-", StringComparison.Ordinal)));
        foreach (string file in files)
        {
            using Checkpoint one = Checkpoint.Open(Path.Combine(whole.Path, "checkpoints", file)), other = Checkpoint.Open(Path.Combine(stopped.Path, "checkpoints", file));
            Assert.Equal(one.Tensors.Select(info => info.Name), other.Tensors.Select(info => info.Name));
            foreach (var info in one.Tensors)
            {
                using Tensor expected = one.Read(info.Name), got = other.Read(info.Name);
                Assert.True(expected.equal(got).all().item<bool>(), $"{file}: {info.Name}");
            }
        }
    }

    [Fact]
    public void A_run_whose_end_alone_is_missing_gives_the_scores_of_its_best_weights()
    {
        var run = Create(ExperimentRunner.Prepare(Tiny()), "run");
        var scores = ExperimentRunner.Train(run);
        File.WriteAllText(run.ManifestPath, File.ReadAllText(run.ManifestPath).Replace("\"isFinished\": true", "\"isFinished\": false", StringComparison.Ordinal));
        var reopened = RunFolder.Open(run.Path);
        Assert.False(reopened.Manifest.IsFinished);
        Assert.Equal(scores.MeanDice, ExperimentRunner.Train(reopened, isResumed: true).MeanDice);
        Assert.True(RunFolder.Open(run.Path).Manifest.IsFinished);
    }

    [Fact]
    public void A_stopped_run_keeps_its_last_weights_and_is_not_finished()
    {
        var run = Create(ExperimentRunner.Prepare(Tiny()), "run");
        using var stop = new CancellationTokenSource();
        var stopper = new Stopper(stop);
        var stopped = Assert.Throws<RunStoppedException>(() => { ExperimentRunner.Train(run, stopper, stop: stop.Token); });
        Assert.Contains("stopped after step 1 of 3", stopped.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(run.LastPath));
        Assert.False(RunFolder.Open(run.Path).Manifest.IsFinished);
    }

    [Theory]
    [InlineData("scratch")]
    [InlineData("checkpoint")]
    [InlineData("sam-med3d")]
    [InlineData("frozen")]
    [InlineData("lora")]
    [InlineData("adapter")]
    [InlineData("sam-inflated")]
    [InlineData("sam-adapter")]
    [InlineData("transformer-off")]
    public void A_hundred_steps_on_synthetic_anatomy_lower_the_loss_from_every_start(string kind)
    {
        var tiny = Tiny();
        string path = Path.Combine(_root, "encoder.pth"), planar = Repository.Golden("sam2d_tiny/sam2d.pth");
        using (var encoder = ((UnetrOptions)tiny.Model).Backbone.Create())
            PyTorchCheckpoint.Save(path, encoder.state_dict().Select(entry => KeyValuePair.Create("image_encoder." + entry.Key, entry.Value)));
        StartOptions start = kind switch
        {
            "checkpoint" => new CheckpointStart { Path = path },
            "sam-med3d" => new SamMed3DStart { Path = path },
            "frozen" => new FrozenStart { Path = path },
            "lora" => new LoraStart { Path = path },
            "adapter" => new AdapterStart { Path = path, Adapter = new DepthAwareOptions() },
            "sam-inflated" => new InflatedStart { Path = planar },
            "sam-adapter" => new SamAdapterStart { Path = planar },
            "transformer-off" => new TransformerOffStart(),
            _ => new ScratchStart(),
        };
        BackboneOptions backbone = kind switch
        {
            "sam-inflated" => new EncoderOptions
            {
                ImageSize = 32, EmbeddingWidth = 24, BlockCount = 4, HeadCount = 3, WindowSize = 3, GlobalBlocks = [1, 3], OutputChannels = 32,
                RelativePosition = RelativePosition.Decomposed,
            },
            "sam-adapter" => new SamAdapterOptions
            {
                ImageSize = 16, PatchSize = 4, SlicesPerToken = 4, SamGrid = 4, SamWindowSize = 3, SamGlobalBlocks = [1, 3], WindowSize = 2,
                EmbeddingWidth = 24, BlockCount = 4, HeadCount = 3, OutputChannels = 16,
            },
            _ => ((UnetrOptions)tiny.Model).Backbone,
        };
        var experiment = ExperimentRunner.Prepare((tiny with
        {
            Model = (UnetrOptions)tiny.Model with { Backbone = backbone },
            Start = start,
            Training = tiny.Training with { Steps = 100, WarmupSteps = 5, ValidateEvery = 0, LearningRate = 2e-3 },
        }).Completed());
        var run = Create(experiment, kind);
        ExperimentRunner.Train(run);
        double[] losses = [.. File.ReadLines(run.MetricsPath).Skip(1).Select(row => double.Parse(row.Split(',')[1], System.Globalization.CultureInfo.InvariantCulture))];
        Assert.Equal(100, losses.Length);
        Assert.True(losses[^10..].Average() < 0.9 * losses[..5].Average(), $"{losses[..5].Average()} to {losses[^10..].Average()}");
    }

    [Fact]
    public void A_refused_prediction_leaves_no_folder_behind()
    {
        var experiment = ExperimentRunner.Prepare(Tiny());
        string weights = Path.Combine(_root, "weights.safetensors"), input = Path.Combine(_root, "text.nii.gz"), output = Path.Combine(_root, "out");
        using (var model = experiment.Model.Create())
            SafetensorsFile.Save(weights, model.state_dict());
        File.WriteAllText(input, "no volume");
        var outcome = FolderPrediction.Run(new PredictionRequest(experiment, weights, [input], output, "cpu"));
        Assert.Empty(outcome.Written);
        Assert.StartsWith(input, Assert.Single(outcome.Failures), StringComparison.Ordinal);
        Assert.False(Directory.Exists(output));
    }

    [Fact]
    public void A_broken_case_does_not_keep_the_others_from_being_segmented()
    {
        var experiment = ExperimentRunner.Prepare(Tiny());
        string weights = Path.Combine(_root, "weights.safetensors"), output = Path.Combine(_root, "out");
        using (var model = experiment.Model.Create())
            SafetensorsFile.Save(weights, model.state_dict());
        string[] images = [.. Directory.GetFiles(Path.Combine(_root, "data", "imagesTr")).Order(StringComparer.Ordinal).Take(3)];
        File.WriteAllBytes(images[1], File.ReadAllBytes(images[1])[..500]);
        var outcome = FolderPrediction.Run(new PredictionRequest(experiment, weights, images, output, "cpu"));
        Assert.Equal(2, outcome.Written.Count);
        Assert.All(outcome.Written, file => Assert.True(File.Exists(file)));
        Assert.StartsWith(images[1], Assert.Single(outcome.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public void Cases_that_are_read_and_written_while_another_is_in_the_network_come_out_as_one_by_one()
    {
        var (experiment, weights, images) = Predictable();
        string output = Path.Combine(_root, "out");
        var progress = new Recorded();
        var outcome = FolderPrediction.Run(new PredictionRequest(experiment, weights, images, output, "cpu"), progress);

        Assert.Equal(images.Select(file => Path.Combine(output, Path.GetFileName(file).Replace("_0000", "", StringComparison.Ordinal))), outcome.Written);
        using var model = ExperimentModel.Open(experiment, weights, CPU);
        var segmenter = new VolumeSegmenter(model, new CasePreprocessor(experiment.Data.Preprocessing, 1, experiment.Model.ClassCount), experiment.Inference);
        foreach (var (image, written) in images.Zip(outcome.Written))
        {
            using var volume = Volume.Open(image);
            using LabelVolume expected = segmenter.Segment(volume), found = LabelVolume.Open(written);
            Assert.True(expected.Voxels().SequenceEqual(found.Voxels()));
        }

        double[] places = [.. progress.All.Select(value => value.Done + value.Part)];
        Assert.Equal(places.Order(), places);
        Assert.Equal((3, 0.0), (progress.All[^1].Done, progress.All[^1].Part));
        Assert.Contains(progress.All, value => value.Detail.Contains(": window 1 of ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_stopped_prediction_leaves_whole_files_and_nothing_else()
    {
        var (experiment, weights, images) = Predictable();
        string output = Path.Combine(_root, "out");
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => FolderPrediction.Run(
            new PredictionRequest(experiment, weights, images, output, "cpu"), new StopInCase(stop, 2), stop.Token));

        string[] files = [.. Directory.GetFiles(output).Order(StringComparer.Ordinal)];
        Assert.Equal(images[..2].Select(file => Path.GetFileName(file).Replace("_0000", "", StringComparison.Ordinal)), files.Select(Path.GetFileName));
        foreach (string file in files)
            LabelVolume.Open(file).Dispose();
    }

    private (Experiment Experiment, string Weights, string[] Images) Predictable()
    {
        var experiment = ExperimentRunner.Prepare(Tiny());
        string weights = Path.Combine(_root, "weights.safetensors");
        using (var model = ExperimentModel.Create(experiment, out _))
            SafetensorsFile.Save(weights, model.state_dict());
        return (experiment, weights, [.. Directory.GetFiles(Path.Combine(_root, "data", "imagesTr")).Order(StringComparer.Ordinal).Take(3)]);
    }

    [Fact]
    public void Predictions_never_land_among_the_images_and_channels_begin_with_0000()
    {
        var (experiment, weights, files) = Predictable();
        string folder = Path.GetDirectoryName(files[0])!;
        var mixed = new PredictionRequest(experiment, weights, [folder], folder + "/", "cpu");
        Assert.Contains("is also the output folder", Assert.Throws<InvalidDataException>(() => FolderPrediction.Run(mixed)).Message, StringComparison.Ordinal);
        string second = Path.Combine(_root, "x_0001.nii.gz");
        File.Copy(files[0], second);
        var gap = new PredictionRequest(experiment, weights, [second], Path.Combine(_root, "out"), "cpu");
        Assert.Contains("expected channel 0000", Assert.Throws<InvalidDataException>(() => FolderPrediction.Run(gap)).Message, StringComparison.Ordinal);
    }

    private sealed class StopInCase(CancellationTokenSource stop, int done) : IProgress<RunProgress>
    {
        public void Report(RunProgress value)
        {
            if (value.Done == done && value.Part > 0)
                stop.Cancel();
        }
    }

    [Fact]
    public void Other_formats_and_dicom_folders_are_segmented_onto_their_own_grids()
    {
        var experiment = ExperimentRunner.Prepare(Tiny());
        string weights = Path.Combine(_root, "weights.safetensors"), output = Path.Combine(_root, "out"), folder = Path.Combine(_root, "others");
        using (var model = experiment.Model.Create())
            SafetensorsFile.Save(weights, model.state_dict());
        Directory.CreateDirectory(folder);
        string nrrd = Path.Combine(folder, "scan_0000.nrrd"), series = Path.Combine(folder, "1.2.840.99");
        using (var image = Volume.Open(Directory.GetFiles(Path.Combine(_root, "data", "imagesTr")).Order(StringComparer.Ordinal).First()))
            image.Save(nrrd);
        var made = new MadeDicom();
        made.Save(series);
        var outcome = FolderPrediction.Run(new PredictionRequest(experiment, weights, [folder, series], output, "cpu") { Readers = [new BlankReader(made.Geometry())] });
        Assert.Empty(outcome.Failures);
        Assert.Equal(["1.2.840.99.nii.gz", "scan.nrrd"], outcome.Written.Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.True(VolumeSource.Open(Path.Combine(output, "1.2.840.99.nii.gz")).Geometry.Matches(made.Geometry(), 1e-3));
        Assert.Equal(VolumeSource.Open(nrrd).Geometry, VolumeSource.Open(Path.Combine(output, "scan.nrrd")).Geometry);
    }

    private sealed class BlankReader(Geometry geometry) : IVolumeReader
    {
        public string Name => "blank";

        public bool CanRead(string file) => true;

        public Volume Read(IReadOnlyList<string> files, long limitBytes) => new(randn([1, .. geometry.Size.ToArray()]), geometry);
    }

    [Fact]
    public void The_weights_say_what_they_are_made_from_and_what_they_have_seen()
    {
        var first = ExperimentRunner.Prepare(Tiny());
        var run = Create(first, "run");
        ExperimentRunner.Train(run);
        var second = ExperimentRunner.Prepare(Tiny() with { Start = new CheckpointStart { Path = run.BestPath } });
        var next = Create(second, "next");
        ExperimentRunner.Train(next);

        using Checkpoint start = Checkpoint.Open(run.BestPath), trained = Checkpoint.Open(next.LastPath);
        Assert.Null(start.Manifest!.Source);
        Assert.Equal(4, Assert.Single(start.Manifest.Data).Cases.Count);
        Assert.Equal(first.Data.Preprocessing.Spacing, start.Manifest.Preprocessing!.Spacing);
        Assert.Equal(first.Data.Preprocessing.Statistics!, start.Manifest.Preprocessing.Statistics!);
        Assert.Equal(first.Model.ClassCount, start.Manifest.Model!.ClassCount);
        Assert.Equal(SourceFile.Of(start), trained.Manifest!.Source);
        Assert.Equal([start.Manifest.Data[0].Cases, start.Manifest.Data[0].Cases], trained.Manifest.Data.Select(data => data.Cases));
    }

    private RunFolder Create(Experiment experiment, string name) =>
        RunFolder.Create(experiment, CPU, DateTimeOffset.UnixEpoch, Path.Combine(_root, name));

    private Experiment Tiny() => TinyExperiment.In(_root);

    private sealed class Recorded : IProgress<RunProgress>
    {
        public List<RunProgress> All { get; } = [];

        public IEnumerable<string> Stages => All.Select(value => value.Stage);

        public void Report(RunProgress value) => All.Add(value);
    }

    private sealed class Stopper(CancellationTokenSource stop) : IProgress<RunProgress>
    {
        public void Report(RunProgress value)
        {
            if (value.Stage == "training")
                stop.Cancel();
        }
    }
}
