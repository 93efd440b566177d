#:project ../src/SamMed3D.Transfer/SamMed3D.Transfer.csproj

// The control: the same UNETR without its transformer. A start is worth what it scores beyond this.
// Ten steps show whether all fits together; give it thousands, on a GPU, for a result.
// usage: dotnet run examples/09-transformer-off.cs -- DATASET_FOLDER
using SamMed3D.Transfer;

if (args.Length != 1)
{
    Console.Error.WriteLine("usage: dotnet run examples/09-transformer-off.cs -- DATASET_FOLDER");
    return 2;
}

var experiment = ExperimentRunner.Prepare(new Experiment
{
    Name = "transformer-off",
    Data = new DataOptions { Root = args[0] },
    Model = new UnetrOptions { FeatureSize = 16, Backbone = EncoderOptions.SamMed3D with { ImageSize = 64 } },
    Start = new TransformerOffStart(),
    Training = new TrainingOptions { Steps = 10, WarmupSteps = 1, ValidateEvery = 0, LearningRate = 2e-4 },
}.Completed());
using var unetr = ExperimentModel.Create(experiment, out LoadReport? report);
Console.WriteLine(report?.Summary ?? "nothing was loaded");
Console.WriteLine(new ParameterGroups(unetr, experiment.Training).Table);

var run = RunFolder.Create(experiment, experiment.Device.Resolve(), DateTimeOffset.Now);
Console.WriteLine($"validation Dice {ExperimentRunner.Train(run, new Lines()).MeanDice:F3}; weights in {run.BestPath}");
return 0;

internal sealed class Lines : IProgress<RunProgress>
{
    public void Report(RunProgress value) => Console.WriteLine($"{value.Stage} {value.Done}/{value.Total} {value.Unit}: {value.Detail}");
}
