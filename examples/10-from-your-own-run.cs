#:project ../src/SamMed3D.Transfer/SamMed3D.Transfer.csproj

// A run goes on where another one ended: its weights, with everything they say about themselves, fill encoder, decoder and head.
// Ten steps show whether all fits together; give it thousands, on a GPU, for a result.
// usage: dotnet run examples/10-from-your-own-run.cs -- DATASET_FOLDER runs/first/checkpoints/best.safetensors
using SamMed3D.Transfer;

if (args.Length != 2)
{
    Console.Error.WriteLine("usage: dotnet run examples/10-from-your-own-run.cs -- DATASET_FOLDER runs/first/checkpoints/best.safetensors");
    return 2;
}

using var checkpoint = Checkpoint.Open(args[1]);
CheckpointManifest manifest = checkpoint.Manifest ?? throw new InvalidDataException($"{args[1]}: no weights of this library");
var experiment = ExperimentRunner.Prepare(new Experiment
{
    Name = "again",
    Data = new DataOptions { Root = args[0], Preprocessing = manifest.Preprocessing ?? new PreprocessingOptions() },
    Model = manifest.Model ?? throw new InvalidDataException($"{args[1]}: the weights of no UNETR"),
    Start = new CheckpointStart { Path = args[1] },
    Training = new TrainingOptions { Steps = 10, WarmupSteps = 1, ValidateEvery = 0, LearningRate = 1e-4 },
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
