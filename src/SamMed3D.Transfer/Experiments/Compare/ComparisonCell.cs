namespace SamMed3D.Transfer;

/// <summary>One run of a comparison.</summary>
/// <param name="Plan">The comparison.</param>
/// <param name="Arm">The arm.</param>
/// <param name="Fold">The fold, from 0.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Percent">How much of the training subjects; null for all, without a budget file.</param>
public sealed record ComparisonCell(ComparisonPlan Plan, ComparedStart Arm, int Fold, long Seed, int? Percent)
{
    private const string ResultName = "compared.json";

    /// <summary>The run's name, made of the grid alone.</summary>
    public string Id => FormattableString.Invariant($"{Arm.Name}-fold{Fold}-seed{Seed}{(Percent is { } percent ? $"-{percent}pc" : "")}");

    /// <summary>The run's folder.</summary>
    public string Folder => Path.Combine(Plan.Folder, Id);

    /// <summary>Where its labels of the held-out cases are.</summary>
    public string PredictionFolder => Path.Combine(Folder, "predictions");

    /// <summary>What it measured; the file is there once the run has ended.</summary>
    public string ResultPath => Path.Combine(Folder, ResultName);

    /// <summary>Whether the run is trained even where the estimate of its memory is more than there is.</summary>
    public bool IgnoresMemory { get; init; }

    /// <summary>Whether the run has ended.</summary>
    public bool IsDone => File.Exists(ResultPath);

    /// <summary>The label budget.</summary>
    public LabelBudget Budget => Percent is { } percent ? LabelBudget.OfFraction(percent / 100.0) : LabelBudget.All;

    /// <summary>What the run measured.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or that of another run; the message says what to do.</exception>
    public ComparedRun ReadResult()
    {
        const string Advice = "delete this file, and the next 'compare' scores the run's last weights again";
        ComparisonResults found;
        try
        {
            found = ComparisonResultsFile.ReadJson(ResultPath);
        }
        catch (InvalidDataException problem)
        {
            throw new InvalidDataException($"{problem.Message}; {Advice}.", problem);
        }

        return found.Runs is [var run] && run.Id == Id
            ? run
            : throw BrokenFile.Because(ResultPath, $"expected what run {Id} measured, got {(found.Runs.Count == 1 ? found.Runs[0].Id : $"{found.Runs.Count} runs")}; {Advice}.");
    }

    /// <summary>The experiment of this run.</summary>
    /// <exception cref="ExperimentFileException">The arm's file or its changes do not fit; every problem is listed.</exception>
    /// <exception cref="InvalidDataException">The file is that of a promptable model.</exception>
    public Experiment CreateExperiment()
    {
        var experiment = ExperimentFile.Read(Arm.Experiment ?? Plan.Experiment,
        [
            .. Plan.Set, .. Arm.Set,
            FormattableString.Invariant($"name={Id}"), FormattableString.Invariant($"seed={Seed}"), FormattableString.Invariant($"data.fold={Fold}"),
            .. Percent is { } percent ? [FormattableString.Invariant($"data.budget={{percent: {percent}, file: '{Plan.BudgetFile!.Replace("'", "''", StringComparison.Ordinal)}'}}")] : Array.Empty<string>(),
        ]);
        // Without folds of its own, a data set would be parted anew for every seed.
        return experiment.Data.Splits is not null || File.Exists(Path.Combine(experiment.Data.Root, DataSplit.FileName))
            ? experiment : experiment with { Data = experiment.Data with { Splits = Plan.SplitsPath } };
    }
}
