#:project ../src/SamMed3D.Transfer/SamMed3D.Transfer.csproj

// A frozen 2D SAM under 3DSAM-adapter's adapters: the way that SAM-Med3D's paper compared itself with.
// Ten steps show whether all fits together; give it thousands, on a GPU, for a result.
// usage: dotnet run examples/07-adapters-on-a-frozen-2d-sam.cs -- DATASET_FOLDER sam_vit_b_01ec64.pth
using SamMed3D.Transfer;

if (args.Length != 2)
{
    Console.Error.WriteLine("usage: dotnet run examples/07-adapters-on-a-frozen-2d-sam.cs -- DATASET_FOLDER sam_vit_b_01ec64.pth");
    return 2;
}

var experiment = ExperimentRunner.Prepare(new Experiment
{
    Name = "sam-adapter",
    Data = new DataOptions { Root = args[0] },
    Model = new UnetrOptions { FeatureSize = 16, Backbone = new SamAdapterOptions { ImageSize = 64, PatchSize = 4 } },
    Start = new SamAdapterStart { Path = args[1] },
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
