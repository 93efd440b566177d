namespace SamMed3D.Transfer.Cli;

/// <summary>What the commands that train and predict ask of the library; the commands read the command line and print.</summary>
internal interface IExperimentRunner
{
    /// <summary>Holds an experiment of either kind against its data set and checkpoint, and fills in what these decide.</summary>
    RunOptions Prepare(RunOptions experiment, CancellationToken stop);

    /// <summary>Trains a UNETR, from the beginning or from the state of its folder.</summary>
    /// <returns>The validation scores of the best weights.</returns>
    SegmentationScores Train(RunFolder run, bool isResumed, IProgress<RunProgress> progress, CancellationToken stop);

    /// <summary>Trains a promptable model, from the beginning or from the state of its folder.</summary>
    /// <returns>The validation scores of the best weights.</returns>
    ClickScores TrainPromptable(RunFolder run, bool isResumed, IProgress<RunProgress> progress, CancellationToken stop);

    /// <summary>Segments volumes.</summary>
    /// <returns>The files that were written, one a case, and the cases that failed.</returns>
    PredictionOutcome Predict(PredictionRequest request, IProgress<RunProgress> progress, CancellationToken stop);

    /// <summary>Makes the data of a quickstart and pretrains its models.</summary>
    /// <returns>The comparison that is to be run.</returns>
    ComparisonPlan PrepareQuickstart(string output, QuickstartOptions options, IProgress<RunProgress> progress, CancellationToken stop);

    /// <summary>Trains the runs of a comparison that are not done yet, and reports.</summary>
    /// <returns>The exit code.</returns>
    int Compare(ComparisonPlan plan, string config, int jobs, int threads, Terminal terminal, CancellationToken stop);
}
