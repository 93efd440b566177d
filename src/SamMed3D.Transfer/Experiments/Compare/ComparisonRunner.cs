using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>Trains the runs of a comparison, scores them on the cases that were held out, and collects what they measured.</summary>
public static class ComparisonRunner
{
    /// <summary>Holds every run against its data set and checkpoint before any is trained, and makes the comparison's folder.</summary>
    /// <exception cref="InvalidDataException">A run does not fit, or the folder cannot be written; the message names it.</exception>
    /// <exception cref="ExperimentFileException">An experiment does not fit; every problem is listed.</exception>
    public static void Check(ComparisonPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ComparisonFolder.RequireWritable(plan);
        string? root = null;
        foreach (var cell in plan.Cells())
        {
            var experiment = OfArm(cell.Arm, cell.CreateExperiment);
            root ??= experiment.Data.Root;
            if (experiment.Data.Root != root)
                throw new InvalidDataException($"arm {cell.Arm.Name}: its data set is {experiment.Data.Root}, but that of {plan.Arms[0].Name} is {root}; arms are compared on one.");
            ComparisonFolder.RequireSplits(cell.Plan, experiment);
            ComparisonFolder.RequireSame(cell, experiment);
        }

        var manifest = DatasetManifest.Open(root!);
        foreach (var cell in plan.Cells().DistinctBy(cell => (cell.Fold, cell.Percent)))
            ExperimentRunner.FoldOf(cell.CreateExperiment(), manifest);

        // Arms differ before folds and seeds do: one run of each shows whether its checkpoint fits.
        foreach (var cell in plan.Cells().DistinctBy(cell => cell.Arm.Name))
            OfArm(cell.Arm, () => ExperimentRunner.Prepare(cell.CreateExperiment()));
    }

    /// <summary>The files of a comparison are several, and an arm's changes look as if they came from the command line: what is wrong is said with the arm's name.</summary>
    private static Experiment OfArm(ComparedStart arm, Func<Experiment> make)
    {
        try
        {
            return make();
        }
        catch (ExperimentFileException wrong) when (wrong.Problems.Count > 0)
        {
            throw new ExperimentFileException([.. wrong.Problems.Select(problem => problem with { Origin = $"arm {arm.Name}: {problem.Origin}" })]);
        }
        catch (Exception wrong) when (wrong is InvalidDataException or FileNotFoundException)
        {
            throw new InvalidDataException($"arm {arm.Name}: {wrong.Message}", wrong);
        }
    }

    /// <summary>Trains one run, or goes on with it where it was stopped, segments the fold's held-out cases with the last weights and scores them.</summary>
    /// <param name="cell">The run; nothing happens where it has ended.</param>
    /// <param name="progress">Told after every step and case.</param>
    /// <param name="stop">Stops after the current step; the run goes on from there next time.</param>
    /// <remarks>The last weights, not the best: the best were chosen by these very cases.</remarks>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="InvalidDataException">Another process is at it, or the folder holds another run.</exception>
    public static void Run(ComparisonCell cell, IProgress<RunProgress>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(cell);
        if (cell.IsDone)
            return;
        ComparisonFolder.RequireSplits(cell.Plan, cell.CreateExperiment());
        using var mine = ComparisonFolder.Claim(cell);
        if (cell.IsDone)
            return;
        var time = Stopwatch.StartNew();
        var run = ComparisonFolder.Open(cell, out bool isResumed, stop);
        run.IgnoresMemory = cell.IgnoresMemory;
        // What a run took that was trained before, in part or as a whole, is not known.
        bool isTimed = !isResumed && !run.Manifest.IsFinished;
        if (!run.Manifest.IsFinished)
            ExperimentRunner.Train(run, progress, isResumed, stop);
        double seconds = isTimed ? time.Elapsed.TotalSeconds : double.NaN;
        var experiment = run.Experiment;
        var manifest = DatasetManifest.Open(experiment.Data.Root);
        var (training, heldOut) = ExperimentRunner.FoldOf(experiment, manifest);
        var scores = Score(cell, experiment, manifest, run.LastPath, heldOut, progress, stop);
        using var learned = JsonDocument.Parse(File.ReadAllBytes(run.ParametersPath));
        var measured = new ComparedRun
        {
            Id = cell.Id,
            Arm = cell.Arm.Name,
            Fold = cell.Fold,
            Seed = cell.Seed,
            Budget = cell.Budget,
            TrainingCases = training.Count,
            Cases = [.. scores.Select(CaseResult.Of)],
            Curve = [.. MetricsFile.Curve(run.MetricsPath)],
            Hashes = JsonSerializer.Deserialize<RunHashes>(File.ReadAllBytes(run.HashesPath), RunFolder.Json)!,
            Cost = new RunCost
            {
                WallSeconds = seconds,
                DeviceHours = seconds / 3600,
                PeakMemoryBytes = PeakMemory(),
                TrainableParameters = learned.RootElement.GetProperty("trained").GetInt64(),
                TotalParameters = learned.RootElement.GetProperty("parameters").GetInt64(),
                Device = string.Create(CultureInfo.InvariantCulture, $"{run.Manifest.Device}, {run.Manifest.Threads} threads"),
            },
        };
        ComparisonResultsFile.SaveJson(cell.ResultPath, Results(cell.Plan, manifest, [measured], [cell.Arm], cell.Arm.Name));
    }

    /// <summary>What the runs that have ended measured, and what is missing; also written as results.csv and results.json in the comparison's folder.</summary>
    /// <param name="plan">The comparison.</param>
    /// <param name="stop">Stops between cases.</param>
    /// <exception cref="InvalidDataException">A file of the comparison is damaged.</exception>
    public static ComparisonResults Collect(ComparisonPlan plan, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var cells = plan.Cells();
        ComparisonCell[] done = [.. cells.Where(cell => cell.IsDone)];
        foreach (var cell in done)
            ComparisonFolder.RequireSame(cell, cell.CreateExperiment());
        var manifest = DatasetManifest.Open(cells[0].CreateExperiment().Data.Root);
        var runs = done.Select(cell => cell.ReadResult()).ToList();
        var results = Results(plan, manifest, runs, plan.Arms, plan.BaselineName) with
        {
            MissingRuns = [.. cells.Where(cell => !cell.IsDone).Select(cell => cell.Id)],
            PositionGuess = [.. done.DistinctBy(cell => (cell.Fold, cell.Percent)).Select(cell => Guess(cell, manifest, stop)).OfType<PositionGuessScores>()],
        };
        results = results.Validated();
        Directory.CreateDirectory(plan.Folder);
        ComparisonResultsFile.SaveCsv(Path.Combine(plan.Folder, "results.csv"), results);
        ComparisonResultsFile.SaveJson(Path.Combine(plan.Folder, "results.json"), results);
        return results;
    }

    private static List<CaseScores> Score(
        ComparisonCell cell, Experiment experiment, DatasetManifest manifest, string weights, IReadOnlyList<DatasetCase> cases,
        IProgress<RunProgress>? progress, CancellationToken stop)
    {
        using var model = ExperimentModel.Open(experiment, weights, experiment.Device.Resolve());
        model.eval();
        var segmenter = new VolumeSegmenter(model, new CasePreprocessor(experiment.Data.Preprocessing, manifest), experiment.Inference);
        var surfaces = new SurfaceOptions { Tolerance = cell.Plan.SurfaceTolerance };
        var scores = new List<CaseScores>();
        Directory.CreateDirectory(cell.PredictionFolder);
        foreach (var one in cases)
        {
            stop.ThrowIfCancellationRequested();
            var (image, truth) = CaseFiles.Read(one, manifest.ChannelNames.Count, manifest.Labels);
            using (image)
            using (truth)
            using (var found = segmenter.Segment(image, WindowProgress.Of(progress, "scoring", scores.Count, cases.Count, one.Id), stop))
            {
                found.Save(PredictionOf(cell, one.Id));
                scores.Add(CaseScores.Compare(one.Id, truth!, found, manifest.Labels, surfaces));
            }

            progress?.Report(new RunProgress("scoring", scores.Count, cases.Count, "cases", one.Id));
        }

        return scores;
    }

    /// <summary>The labels that a run found of a held-out case.</summary>
    public static string PredictionOf(ComparisonCell cell, string caseId)
    {
        ArgumentNullException.ThrowIfNull(cell);
        return Path.Combine(cell.PredictionFolder, caseId + ".nii.gz");
    }

    private static long PeakMemory()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    private static ComparisonResults Results(
        ComparisonPlan plan, DatasetManifest manifest, IReadOnlyList<ComparedRun> runs, IEnumerable<ComparedStart> arms, string baseline) => new()
    {
        Name = plan.Name,
        Dataset = manifest.Name,
        ClassNames = manifest.Labels.Names,
        Baseline = baseline,
        Arms = [.. arms.Select(arm => Arm(plan, arm, manifest, [.. runs.SelectMany(run => run.Cases).Select(one => one.CaseId).Distinct()]))],
        Runs = runs,
        SurfaceTolerance = plan.SurfaceTolerance,
        Provenance = new Dictionary<string, string> { ["library"] = CheckpointManifest.ThisLibrary },
    };

    private static ComparedArm Arm(ComparisonPlan plan, ComparedStart arm, DatasetManifest manifest, IReadOnlyCollection<string> cases)
    {
        var experiment = plan.FirstOf(arm.Name).CreateExperiment();
        var start = experiment.Start;
        return new ComparedArm
        {
            Name = arm.Name,
            Description = arm.Description,
            Role = experiment.Model is not UnetrOptions ? ArmRole.TaskSpecific : start is TransformerOffStart ? ArmRole.TransformerOff : ArmRole.Start,
            Seen = start.Source is { } path ? Seen(plan, arm, path, manifest, cases) : null,
            OtherDifferences = plan.OtherDifferences(arm),
        };
    }

    private static SeenStamp Seen(ComparisonPlan plan, ComparedStart arm, string path, DatasetManifest manifest, IReadOnlyCollection<string> cases)
    {
        using var checkpoint = Checkpoint.Open(path);
        var corpus = arm.Corpus ?? (checkpoint.Manifest is not null ? PretrainingCorpus.Other : WeightFamily.Recognise(checkpoint.Tensors).Family switch
        {
            ModelFamily.SamMed3D or ModelFamily.SamMed3DEncoder => PretrainingCorpus.SamMed3D,
            ModelFamily.Sam2d => PretrainingCorpus.SegmentAnything,
            _ => PretrainingCorpus.Other,
        });
        return SeenInPretraining.Check(
            DatasetIdentity.Of(manifest) with { Stated = plan.Seen }, corpus, checkpoint.Manifest?.Data, cases, isAllKnown: checkpoint.Manifest is { Source: null, Base: null });
    }

    private static PositionGuessScores? Guess(ComparisonCell cell, DatasetManifest manifest, CancellationToken stop)
    {
        var (training, heldOut) = ExperimentRunner.FoldOf(cell.CreateExperiment(), manifest);
        using var prior = FolderEvaluation.Prior(training, manifest.Labels, stop);
        if (prior is null)
            return null;
        var cases = new List<CaseResult>();
        foreach (var one in heldOut)
        {
            using var truth = LabelVolume.Open(one.LabelPath!);
            using var canonical = Reorientation.ToCanonical(truth);
            using var guessed = prior.Guess(canonical.Geometry.Size);
            cases.Add(CaseResult.Of(CaseScores.Compare(one.Id, canonical.Values, guessed, manifest.Labels)));
        }

        return new PositionGuessScores { Fold = cell.Fold, Budget = cell.Budget, Cases = cases };
    }
}
