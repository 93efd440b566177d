namespace SamMed3D.Transfer.Cli;

/// <summary>The library itself; tests of the command line put something cheaper in its place.</summary>
internal sealed class LibraryRunner : IExperimentRunner
{
    public RunOptions Prepare(RunOptions experiment, CancellationToken stop)
    {
        if (experiment is Experiment segmentation)
            return ExperimentRunner.Prepare(segmentation, stop);
        PromptableRunner.Check((PromptableExperiment)experiment);
        return experiment;
    }

    public SegmentationScores Train(RunFolder run, bool isResumed, IProgress<RunProgress> progress, CancellationToken stop) =>
        ExperimentRunner.Train(run, progress, isResumed, stop);

    public ClickScores TrainPromptable(RunFolder run, bool isResumed, IProgress<RunProgress> progress, CancellationToken stop) =>
        PromptableRunner.Train(run, progress, isResumed, stop);

    public PredictionOutcome Predict(PredictionRequest request, IProgress<RunProgress> progress, CancellationToken stop) =>
        FolderPrediction.Run(request, progress, stop);

    public ComparisonPlan PrepareQuickstart(string output, QuickstartOptions options, IProgress<RunProgress> progress, CancellationToken stop) =>
        Quickstart.Prepare(output, options, progress, stop);

    public int Compare(ComparisonPlan plan, string config, int jobs, int threads, Terminal terminal, CancellationToken stop) =>
        CompareCommand.RunAll(plan, config, [], jobs, threads, terminal, stop);
}
