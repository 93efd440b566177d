#:project ../src/SamMed3D.Transfer/SamMed3D.Transfer.csproj

// Trains UNETR on a folder in nnU-Net's layout, from the released encoder if a .pth is given. The full-size encoder wants a GPU; a few steps
// show on a CPU whether all fits together.
// usage: dotnet run examples/03-train-on-your-data.cs -- DATASET_FOLDER STEPS [sam_med3d_turbo.pth]
using SamMed3D.Transfer;

if (args.Length is not (2 or 3) || !long.TryParse(args[1], out long steps))
{
    Console.Error.WriteLine("usage: dotnet run examples/03-train-on-your-data.cs -- DATASET_FOLDER STEPS [sam_med3d_turbo.pth]");
    return 2;
}

var dataset = DatasetManifest.Open(args[0]);
var experiment = ExperimentRunner.Prepare(new Experiment
{
    Name = dataset.Name,
    Data = new DataOptions { Root = args[0], Preprocessing = new PreprocessingOptions { Spacing = new Double3(1.5, 1.5, 1.5) } },
    Model = UnetrOptions.ForSamMed3D(dataset.ClassNames.Count),
    Start = args.Length > 2 ? new CheckpointStart { Path = args[2] } : new ScratchStart(),
    Training = new TrainingOptions { Steps = steps, WarmupSteps = steps / 10, ValidateEvery = 0, LearningRate = 2e-4 },
}.Completed());

var run = RunFolder.Create(experiment, experiment.Device.Resolve(), DateTimeOffset.Now);
SegmentationScores scores = ExperimentRunner.Train(run, new Lines());
Console.WriteLine($"validation Dice {scores.MeanDice:F3}; weights in {run.BestPath}");
return 0;

internal sealed class Lines : IProgress<RunProgress>
{
    public void Report(RunProgress value)
    {
        if (value.IsNoteworthy || value.Stage == "training")
            Console.WriteLine($"{value.Stage} {value.Done}/{value.Total} {value.Unit}: {value.Detail}");
    }
}
