using System.Globalization;

namespace SamMed3D.Transfer.Cli;

/// <summary>The library itself; tests of the command line put something cheaper in its place.</summary>
internal sealed class LibraryRunner : IExperimentRunner
{
    public RunOptions Prepare(RunOptions experiment)
    {
        if (experiment is Experiment segmentation)
            return ExperimentRunner.Prepare(segmentation);
        PromptableRunner.Check((PromptableExperiment)experiment);
        return experiment;
    }

    public SegmentationScores Train(RunFolder run, bool isResumed, IProgress<RunProgress> progress, CancellationToken stop) =>
        ExperimentRunner.Train(run, progress, isResumed, stop);

    public ClickScores TrainPromptable(RunFolder run, bool isResumed, IProgress<RunProgress> progress, CancellationToken stop) =>
        PromptableRunner.Train(run, progress, isResumed, stop);

    public PredictionOutcome Predict(PredictionRequest request, IProgress<RunProgress> progress, CancellationToken stop) =>
        FolderPrediction.Run(request, progress, stop);

    public (RunFolder Run, FolderComparison Scores) Quickstart(QuickstartRequest request, IProgress<RunProgress> progress, CancellationToken stop)
    {
        string output = request.Output
            ?? Path.Combine("runs", string.Create(CultureInfo.InvariantCulture, $"quickstart-{TimeProvider.System.GetLocalNow():yyyyMMdd-HHmmss}"));
        return Transfer.Quickstart.Execute(output, request.Steps ?? Transfer.Quickstart.DefaultSteps, request.Seed, progress, stop);
    }
}
