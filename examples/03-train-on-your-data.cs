#:project ../src/SamMed3D.Transfer/SamMed3D.Transfer.csproj

// Trains UNETR on a folder in nnU-Net's layout, from the released encoder if a .pth is given.
// usage: dotnet run examples/03-train-on-your-data.cs -- DATASET_FOLDER [sam_med3d_turbo.pth]
using SamMed3D.Transfer;

var dataset = DatasetManifest.Open(args[0]);
var experiment = ExperimentRunner.Prepare(new Experiment
{
    Name = dataset.Name,
    Data = new DataOptions { Root = args[0], Preprocessing = new PreprocessingOptions { Spacing = new Double3(1.5, 1.5, 1.5) } },
    Model = UnetrOptions.ForSamMed3D(dataset.ClassNames.Count),
    Start = args.Length > 1 ? new CheckpointStart { Path = args[1] } : new ScratchStart(),
    Training = new TrainingOptions { Steps = 5000, LearningRate = 2e-4 },
}.Completed());

var run = RunFolder.Create(experiment, experiment.Device.Resolve(), DateTimeOffset.Now);
SegmentationScores scores = ExperimentRunner.Train(run, new Lines());
Console.WriteLine($"validation Dice {scores.MeanDice:F3}; weights in {run.BestPath}");

internal sealed class Lines : IProgress<RunProgress>
{
    public void Report(RunProgress value)
    {
        if (value.IsNoteworthy)
            Console.WriteLine($"{value.Stage} {value.Done}/{value.Total} {value.Unit}: {value.Detail}");
    }
}
