namespace SamMed3D.Transfer.Tests;

/// <summary>Comparisons of tiny runs: the grid, what arms share, stopping and going on, what is written.</summary>
public sealed class ComparisonRunnerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_stopped_comparison_that_goes_on_ends_with_the_same_results()
    {
        var whole = Plan("whole");
        foreach (var cell in whole.Cells())
            ComparisonRunner.Run(cell);
        var results = ComparisonRunner.Collect(whole);

        Assert.Equal(4, results.Runs.Count);
        Assert.Empty(results.MissingRuns);
        var summary = ComparisonSummary.Of(results);
        Assert.Empty(summary.HashDifferences);
        Assert.Equal(2, results.Runs.Select(run => run.Hashes.DecoderInitialization).Distinct().Count());
        Assert.All(results.Runs, run => Assert.NotNull(run.Hashes.Split));
        Assert.Equal(ArmRole.TransformerOff, results.Arm("off").Role);
        Assert.True(Assert.Single(results.PositionGuess).Cases.Count > 0);
        Assert.All(results.Runs, run => Assert.True(File.Exists(Path.Combine(whole.Folder, run.Id, "predictions", run.Cases[0].CaseId + ".nii.gz"))));

        var stopped = Plan("stopped");
        using var stop = new CancellationTokenSource();
        var cells = stopped.Cells();
        ComparisonRunner.Run(cells[0]);
        Assert.ThrowsAny<OperationCanceledException>(() => ComparisonRunner.Run(cells[1], new Stopper(stop), stop.Token));
        Assert.False(cells[1].IsDone);
        Assert.Equal(cells.Skip(1).Select(cell => cell.Id), ComparisonRunner.Collect(stopped).MissingRuns);
        foreach (var cell in stopped.Cells())
            ComparisonRunner.Run(cell);
        ComparisonRunner.Collect(stopped);
        Assert.Equal(File.ReadAllText(Path.Combine(whole.Folder, "results.csv")), File.ReadAllText(Path.Combine(stopped.Folder, "results.csv")));
    }

    [Fact]
    public void A_residual_U_Net_is_the_task_specific_arm_on_the_same_cases_and_patches_and_has_no_decoder_to_compare()
    {
        var plan = Plan("networks") with { Seeds = [1] };
        plan = plan with
        {
            Arms = [plan.Arms[0], new ComparedStart { Name = "unet", Set = ["model={kind: residual-unet, imageSize: 16, featureSize: 16, strides: [1, 2], blockCounts: [1, 1]}"] }],
        };
        ComparisonRunner.Check(plan);
        foreach (var cell in plan.Cells())
            ComparisonRunner.Run(cell);
        var results = ComparisonRunner.Collect(plan);

        Assert.Equal([ArmRole.Start, ArmRole.TaskSpecific], results.Arms.Select(arm => arm.Role));
        Assert.Single(results.Runs.Select(run => (run.Hashes.Split, run.Hashes.PatchOrder)).Distinct());
        Assert.NotNull(results.Runs[0].Hashes.PatchOrder);
        Assert.NotNull(results.Runs[0].Hashes.DecoderInitialization);
        Assert.Null(results.Runs[1].Hashes.DecoderInitialization);
        var summary = ComparisonSummary.Of(results);
        Assert.Empty(summary.HashDifferences);
        Assert.Equal("unet", Assert.Single(summary.AgainstTaskSpecific).Baseline);
        string report = ComparisonReport.ToHtml(results);
        Assert.Contains("unet is another network", report, StringComparison.Ordinal);
        Assert.Contains("<td>another network</td>", report, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_of_another_experiment_is_not_taken_for_one_of_the_comparison()
    {
        var plan = Plan("changed");
        ComparisonRunner.Run(plan.Cells()[0]);
        File.Delete(plan.Cells()[0].ResultPath);
        var changed = plan with { Set = [.. plan.Set, "training.learningRate=0.5"] };
        Assert.Contains("the comparison's file was changed", Assert.Throws<InvalidDataException>(
            () => ComparisonRunner.Run(changed.Cells()[0])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_another_process_is_at_is_left_alone()
    {
        var plan = Plan("claimed");
        Directory.CreateDirectory(plan.Folder);
        var cell = plan.Cells()[0];
        using (new FileStream(cell.Folder + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
            Assert.Contains("another process is at this run", Assert.Throws<InvalidDataException>(() => ComparisonRunner.Run(cell)).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(cell.Folder));
        ComparisonRunner.Run(cell);
        Assert.True(cell.IsDone);
        Assert.False(File.Exists(cell.Folder + ".lock"));

        ComparisonRunner.Check(cell.Plan);
        var changed = cell.Plan with { Set = [.. cell.Plan.Set, "training.learningRate=0.5"] };
        foreach (Action use in (Action[])[() => ComparisonRunner.Check(changed), () => ComparisonRunner.Collect(changed)])
            Assert.Contains("now says 'learningRate: 0.5'", Assert.Throws<InvalidDataException>(use).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_grid_has_every_arm_in_each_fold_and_seed_with_folds_that_no_seed_changes()
    {
        var plan = Plan("grid") with { Folds = [0, 1], Seeds = [3, 4] };
        ComparisonRunner.Check(plan);
        string[] ids = [.. plan.Cells().Select(cell => cell.Id)];
        Assert.Equal(["scratch-fold0-seed3", "off-fold0-seed3", "scratch-fold0-seed4", "off-fold0-seed4"], ids[..4]);
        Assert.Equal(8, ids.Distinct().Count());
        Assert.Single(plan.Cells().Select(cell => cell.CreateExperiment().Data.Splits).Distinct());
        Assert.True(File.Exists(Path.Combine(plan.Folder, DataSplit.FileName)));
    }

    [Theory]
    [InlineData("arms=[{name: a}]", "a comparison needs two or more")]
    [InlineData("arms=[]", "arms: are 0; a comparison needs two or more")]
    [InlineData("baseline=c", "is none of the arms")]
    [InlineData("name=a b", "has 'a b', which names a folder")]
    [InlineData("arms=[{name: a}, {name: ../b}]", "has '../b', which names a folder")]
    [InlineData("seeds=[1, 1]", "different numbers")]
    [InlineData("budgets=[10, 100]", "needs budgetFile")]
    [InlineData("folds=[-1]", "different numbers from 0")]
    public void Comparisons_that_make_no_sense_are_named_with_their_key(string change, string message)
    {
        string path = _folder.Write("plan.yaml", "name: x\nexperiment: e.yaml\narms: [{name: a}, {name: b}]\n");
        Assert.NotNull(ComparisonPlan.Read(path));
        Assert.Contains(message, Assert.Single(Assert.Throws<ExperimentFileException>(() => ComparisonPlan.Read(path, [change])).Problems).ToString(), StringComparison.Ordinal);
    }

    private ComparisonPlan Plan(string name)
    {
        string experiment = _folder.File("experiment.yaml");
        if (!File.Exists(experiment))
        {
            var tiny = TinyExperiment.In(_folder.Root, steps: 4);
            ExperimentFile.Write(experiment, tiny with { Device = "cpu", Training = tiny.Training with { ValidateEvery = 2 } });
        }

        return new ComparisonPlan
        {
            Name = name,
            Experiment = experiment,
            Output = _folder.File("runs"),
            Arms = [new ComparedStart { Name = "scratch" }, new ComparedStart { Name = "off", Set = ["start={kind: transformer-off}"] }],
        }.Validated();
    }

    private sealed class Stopper(CancellationTokenSource stop) : IProgress<RunProgress>
    {
        public void Report(RunProgress value)
        {
            if (value is { Stage: "training", Done: 2 })
                stop.Cancel();
        }
    }
}
