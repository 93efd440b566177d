#:project ../src/SamMed3D.Transfer/SamMed3D.Transfer.csproj

// SAM-Med3D's encoder keeps its weights, the decoder alone learns: what the pretrained features are worth as they are.
// Ten steps show whether all fits together; give it thousands, on a GPU, for a result.
// usage: dotnet run examples/08-frozen.cs -- DATASET_FOLDER sam_med3d_turbo.pth
using SamMed3D.Transfer;

if (args.Length != 2)
{
    Console.Error.WriteLine("usage: dotnet run examples/08-frozen.cs -- DATASET_FOLDER sam_med3d_turbo.pth");
    return 2;
}

var experiment = ExperimentRunner.Prepare(new Experiment
{
    Name = "frozen",
    Data = new DataOptions { Root = args[0] },
    Model = new UnetrOptions { FeatureSize = 16, Backbone = EncoderOptions.SamMed3D with { ImageSize = 64 } },
    Start = new FrozenStart { Path = args[1] },
    Training = new TrainingOptions { Steps = 10, WarmupSteps = 1, ValidateEvery = 0, LearningRate = 2e-4 },
}.Completed());
using var unetr = ExperimentModel.Create(experiment, out LoadReport? report);
Console.WriteLine(report!.Summary);
Console.WriteLine(new ParameterGroups(unetr, experiment.Training).Table);

var run = RunFolder.Create(experiment, experiment.Device.Resolve(), DateTimeOffset.Now);
Console.WriteLine($"validation Dice {ExperimentRunner.Train(run, new Lines()).MeanDice:F3}; weights in {run.BestPath}");
return 0;

internal sealed class Lines : IProgress<RunProgress>
{
    public void Report(RunProgress value) => Console.WriteLine($"{value.Stage} {value.Done}/{value.Total} {value.Unit}: {value.Detail}");
}
