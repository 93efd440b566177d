using SamMed3D.Transfer.Cli;

namespace SamMed3D.Transfer.Tests;

/// <summary>Stands in for training and prediction: notes what it was asked, reports a little progress.</summary>
internal sealed class FakeRunner : IExperimentRunner
{
    public RunFolder? Trained { get; private set; }

    public PredictionRequest? Predicted { get; private set; }

    public QuickstartOptions? Started { get; private set; }

    public string? Compared { get; private set; }

    private static SegmentationScores Scores => new(["organ"], [new CaseScores("a", [new DiceScore(3, 1, 1)], new DiceScore(3, 1, 1))]);

    public SegmentationScores Train(RunFolder run, bool isResumed, IProgress<RunProgress> progress, CancellationToken stop)
    {
        Trained = run;
        WasResumed = isResumed;
        stop.ThrowIfCancellationRequested();
        progress.Report(new RunProgress("training", 1, 2, "steps", "loss 0.5"));
        return Scores;
    }

    public RunOptions Prepare(RunOptions experiment, CancellationToken stop) => experiment;

    public IReadOnlyList<string> Failures { get; init; } = [];

    public bool WasResumed { get; private set; }

    public ClickScores TrainPromptable(RunFolder run, bool isResumed, IProgress<RunProgress> progress, CancellationToken stop)
    {
        Trained = run;
        WasResumed = isResumed;
        return new ClickScores([1, 3], [("a:1", [0.5, 0.75])]);
    }

    public PredictionOutcome Predict(PredictionRequest request, IProgress<RunProgress> progress, CancellationToken stop)
    {
        Predicted = request;
        return new PredictionOutcome(["a.nii.gz", "b.nii.gz"], Failures);
    }

    public ComparisonPlan PrepareQuickstart(string output, QuickstartOptions options, IProgress<RunProgress> progress, CancellationToken stop)
    {
        Started = options;
        progress.Report(new RunProgress("making data", 1, 1, "cases"));
        return new ComparisonPlan { Name = "c", Experiment = "e.yaml", Arms = [new ComparedStart { Name = "a" }, new ComparedStart { Name = "b" }] };
    }

    public int Compare(ComparisonPlan plan, string config, int jobs, int threads, Terminal terminal, CancellationToken stop)
    {
        Compared = $"{config}, {jobs} jobs of {threads} thread";
        return 0;
    }
}
