#:project ../src/SamMed3D.Transfer/SamMed3D.Transfer.csproj

// SAM-Med3D's encoder learns by LoRA alone; the run keeps what learned as a small file, which names its base by its hash.
// Ten steps show whether all fits together; give it thousands, on a GPU, for a result.
// usage: dotnet run examples/06-lora.cs -- DATASET_FOLDER sam_med3d_turbo.pth
using SamMed3D.Transfer;

if (args.Length != 2)
{
    Console.Error.WriteLine("usage: dotnet run examples/06-lora.cs -- DATASET_FOLDER sam_med3d_turbo.pth");
    return 2;
}

var experiment = ExperimentRunner.Prepare(new Experiment
{
    Name = "lora",
    Data = new DataOptions { Root = args[0] },
    Model = new UnetrOptions { FeatureSize = 16, Backbone = EncoderOptions.SamMed3D with { ImageSize = 64 } },
    Start = new LoraStart { Path = args[1], Lora = new LoraOptions { Rank = 8, Alpha = 16 } },
    Training = new TrainingOptions { Steps = 10, WarmupSteps = 1, ValidateEvery = 0, LearningRate = 5e-4 },
}.Completed());
using var unetr = ExperimentModel.Create(experiment, out LoadReport? report);
Console.WriteLine(report!.Summary);
Console.WriteLine(new ParameterGroups(unetr, experiment.Training).Table);

var run = RunFolder.Create(experiment, experiment.Device.Resolve(), DateTimeOffset.Now);
Console.WriteLine($"validation Dice {ExperimentRunner.Train(run, new Lines()).MeanDice:F3}; what learned: {run.AdapterPath}");
return 0;

internal sealed class Lines : IProgress<RunProgress>
{
    public void Report(RunProgress value) => Console.WriteLine($"{value.Stage} {value.Done}/{value.Total} {value.Unit}: {value.Detail}");
}
