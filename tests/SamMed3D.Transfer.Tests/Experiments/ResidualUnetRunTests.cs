using System.Text.Json;

namespace SamMed3D.Transfer.Tests;

/// <summary>Runs of a tiny residual U-Net from a run file to predictions.</summary>
public sealed class ResidualUnetRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_trains_predicts_and_says_what_it_is()
    {
        var run = Train(Tiny(), "run");
        using (var learned = JsonDocument.Parse(File.ReadAllBytes(run.ParametersPath)))
        {
            var row = learned.RootElement.GetProperty("rows").EnumerateArray().Single();
            Assert.Equal("network", row.GetProperty("part").GetString());
            Assert.Equal(row.GetProperty("parameters").GetInt64(), learned.RootElement.GetProperty("trained").GetInt64());
        }

        using (var hashes = JsonDocument.Parse(File.ReadAllBytes(run.HashesPath)))
        {
            Assert.Equal(64, hashes.RootElement.GetProperty("patchOrder").GetString()!.Length);
            Assert.Equal(JsonValueKind.Null, hashes.RootElement.GetProperty("decoderInitialization").ValueKind);
        }

        using (var weights = Checkpoint.Open(run.BestPath))
        {
            Assert.Equal(ModelFamily.ResidualUnet, WeightFamily.Recognise(weights.Tensors).Family);
            Assert.Equal(3, Assert.IsType<ResidualUnetOptions>(weights.Manifest!.Model).StageCount);
        }

        var opened = RunFolder.Open(run.Path).Experiment;
        var outcome = FolderPrediction.Run(
            new PredictionRequest(opened, run.BestPath, [Path.Combine(opened.Data.Root, "imagesTs")], _folder.File("predictions"), "cpu"));
        Assert.Empty(outcome.Failures);
        Assert.Single(outcome.Written);
    }

    [Fact]
    public void A_stopped_run_that_goes_on_ends_with_the_same_weights_in_bfloat16_with_averaged_weights_too()
    {
        var experiment = Tiny();
        experiment = experiment with { Training = experiment.Training with { Precision = ComputePrecision.Bfloat16, AverageDecay = 0.5 } };
        var whole = Train(experiment, "whole");
        using var stop = new CancellationTokenSource();
        var stopped = Create(ExperimentRunner.Prepare(experiment), "stopped");
        Assert.Throws<RunStoppedException>(() => { ExperimentRunner.Train(stopped, new Stopper(stop), stop: stop.Token); });
        ExperimentRunner.Train(RunFolder.Open(stopped.Path), isResumed: true);
        Assert.Equal(File.ReadAllBytes(whole.LastPath), File.ReadAllBytes(stopped.LastPath));
    }

    [Fact]
    public void A_run_starts_from_weights_of_its_own_kind_alone()
    {
        var first = Train(Tiny(), "first");
        using (ExperimentModel.Create(ExperimentRunner.Prepare(Tiny() with { Start = new CheckpointStart { Path = first.LastPath } }), out var report))
            Assert.True(report!.IsComplete);

        string other = _folder.File("unetr.safetensors");
        var quick = Quickstart.CreateExperiment("data", "runs");
        using (var unetr = (quick.Model with { ClassCount = 2 }).Create())
            SafetensorsFile.Save(other, unetr.state_dict());
        Assert.Contains("the model expects one of: residual U-Net; give such a checkpoint", Assert.Throws<InvalidDataException>(
            () => ExperimentRunner.Prepare(Tiny() with { Start = new CheckpointStart { Path = other } })).Message, StringComparison.Ordinal);
        Assert.Contains("it was recognised as residual U-Net", Assert.Throws<InvalidDataException>(
            () => ExperimentRunner.Prepare(Tiny() with { Model = quick.Model, Start = new CheckpointStart { Path = first.LastPath } })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_of_other_channels_are_refused_with_the_key_to_set()
    {
        var tiny = Tiny();
        Assert.Contains("model.inputChannels is 2; set it to 1", Assert.Throws<InvalidDataException>(
            () => ExperimentRunner.Prepare(tiny with { Model = (ResidualUnetOptions)tiny.Model with { InputChannels = 2 } })).Message, StringComparison.Ordinal);
    }

    private RunFolder Train(Experiment experiment, string name)
    {
        var run = Create(ExperimentRunner.Prepare(experiment), name);
        ExperimentRunner.Train(run);
        return run;
    }

    private RunFolder Create(Experiment experiment, string name) => RunFolder.Create(experiment, CPU, DateTimeOffset.UnixEpoch, _folder.File(name));

    private Experiment Tiny() => (TinyExperiment.In(_folder.Root) with
    {
        Model = new ResidualUnetOptions { ImageSize = 16, FeatureSize = 16, MaximumFeatureSize = 32, Strides = [1, 2, 2], BlockCounts = [1, 1, 1] },
    }).Completed();

    private sealed class Stopper(CancellationTokenSource stop) : IProgress<RunProgress>
    {
        public void Report(RunProgress value)
        {
            if (value.Stage == "training")
                stop.Cancel();
        }
    }
}
