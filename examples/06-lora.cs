#:project ../src/SamMed3D.Transfer/SamMed3D.Transfer.csproj

// SAM-Med3D's encoder learns by LoRA alone; the run keeps what learned as a small file, which names its base by its hash.
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
    Model = new UnetrOptions { Backbone = EncoderOptions.SamMed3D with { ImageSize = 64 } },
    Start = new LoraStart { Path = args[1], Lora = new LoraOptions { Rank = 8, Alpha = 16 } },
    Training = new TrainingOptions { Steps = 100, WarmupSteps = 10, ValidateEvery = 0, LearningRate = 5e-4 },
}.Completed());
using var unetr = ExperimentModel.Create(experiment, out LoadReport? report);
Console.WriteLine(report!.Summary);
Console.WriteLine(new ParameterGroups(unetr, experiment.Training).Table);

var run = RunFolder.Create(experiment, experiment.Device.Resolve(), DateTimeOffset.Now);
Console.WriteLine($"validation Dice {ExperimentRunner.Train(run).MeanDice:F3}; what learned: {run.AdapterPath}");
return 0;
