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
    public void Every_case_is_scored_once_where_all_folds_are_compared_and_the_position_only_guess_knows_each_fold()
    {
        var plan = Plan("folds") with { Folds = [0, 1], Seeds = [1], Set = ["data.foldCount=2"] };
        ComparisonRunner.Check(plan);
        foreach (var cell in plan.Cells())
            ComparisonRunner.Run(cell);
        var results = ComparisonRunner.Collect(plan);
        var ids = DatasetManifest.Open(_folder.File("data")).TrainingCases.Select(one => one.Id).Order();

        foreach (var arm in results.Runs.GroupBy(run => run.Arm))
        {
            Assert.Equal([0, 1], arm.Select(run => run.Fold));
            Assert.Equal(ids, arm.SelectMany(run => run.Cases).Select(one => one.CaseId).Order());
            Assert.All(arm, run => Assert.Equal(5, run.TrainingCases + run.Cases.Count));
        }

        Assert.Equal(ids, results.PositionGuess.SelectMany(guess => guess.Cases).Select(one => one.CaseId).Order());
        var summary = ComparisonSummary.Of(results);
        Assert.Empty(summary.HashDifferences);
        Assert.All(summary.Main, arm => Assert.Equal(5, arm.CaseCount));
        Assert.Equal(results.Runs.Where(run => run.Arm == "off").SelectMany(run => run.Cases).Average(one => one.MeanDice()), summary.Main[1].MeanDice, 1e-12);
        Assert.Contains("on 5 cases and", ComparisonReport.ToHtml(results), StringComparison.Ordinal);
    }

    [Fact]
    public void Label_budgets_train_on_nested_parts_of_the_fold_score_the_same_cases_and_become_a_curve()
    {
        var plan = Plan("budgets") with { Seeds = [1] };
        ComparisonRunner.Check(plan);
        var manifest = DatasetManifest.Open(_folder.File("data"));
        var split = DataSplit.Open(Path.Combine(plan.Folder, DataSplit.FileName), manifest.TrainingCases.Select(one => one.Id));
        LabelBudgets.Draw(DatasetFingerprint.Of(manifest), split.Folds).Save(_folder.File("budgets.json"));
        plan = (plan with { Budgets = [25, 50, 100], BudgetFile = _folder.File("budgets.json") }).Validated();
        ComparisonRunner.Check(plan);
        foreach (var cell in plan.Cells())
            ComparisonRunner.Run(cell);
        var results = ComparisonRunner.Collect(plan);

        foreach (var arm in results.Runs.GroupBy(run => run.Arm))
        {
            Assert.Equal([LabelBudget.OfFraction(0.25), LabelBudget.OfFraction(0.5), LabelBudget.All], arm.Select(run => run.Budget));
            Assert.Equal([1, 2, 4], arm.Select(run => run.TrainingCases));
            Assert.Single(arm.Select(run => string.Join(' ', run.Cases.Select(one => one.CaseId))).Distinct());
            var trained = arm.Select(run => RunFolder.Open(Path.Combine(plan.Folder, run.Id)).LastPath).Select(path =>
            {
                using var weights = Checkpoint.Open(path);
                return weights.Manifest!.Data[^1].Cases.ToHashSet();
            }).ToArray();
            Assert.ProperSubset(trained[1], trained[0]);
            Assert.ProperSubset(trained[2], trained[1]);
        }

        Assert.Equal(results.Budgets(), results.PositionGuess.Select(guess => guess.Budget));
        Assert.Equal(3, results.PositionGuess.Select(guess => guess.Cases[0].MeanDice()).Distinct().Count());
        var summary = ComparisonSummary.Of(results);
        Assert.Empty(summary.HashDifferences);
        Assert.Equal(LabelBudget.All, summary.MainBudget);
        string report = ComparisonReport.ToHtml(results);
        Assert.Contains("Mean Dice by the number of labelled training cases", report, StringComparison.Ordinal);

        var unknown = (plan with { Budgets = [30, 100] }).Validated();
        Assert.Contains("has 1, 5, 10, 25, 50, 100 percent", Assert.Throws<InvalidDataException>(() => ComparisonRunner.Check(unknown)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_that_an_arm_changes_beside_its_network_and_start_are_told()
    {
        var plan = Plan("differences") with { Seeds = [1] };
        string other = _folder.File("other.yaml");
        var experiment = ExperimentFile.Read(plan.Experiment);
        ExperimentFile.Write(other, experiment with
        {
            KeepBest = 2,
            Training = experiment.Training with { LearningRate = 0.01, Loss = new DiceLoss() },
        });
        plan = plan with { Arms = [.. plan.Arms, new ComparedStart { Name = "own", Experiment = other, Set = ["training.freezing={kind: encoder}", "model.backbone.imageSize=32"] }] };

        Assert.Empty(plan.OtherDifferences(plan.Arms[0]));
        Assert.Empty(plan.OtherDifferences(plan.Arms[1]));
        var found = plan.OtherDifferences(plan.Arms[2]);
        Assert.Contains("training.learningRate: 0.01 instead of 0.003", found);
        Assert.Contains("training.loss.kind: dice instead of dice-cross-entropy", found);
        Assert.Contains(found, one => one.StartsWith("patch size: ", StringComparison.Ordinal));
        Assert.All(found, one => Assert.Matches("^(training.learningRate|training.loss|patch size)", one));

        foreach (var cell in plan.Cells().Where(cell => cell.Arm.Name != "off"))
            ComparisonRunner.Run(cell);
        var results = ComparisonResultsFile.ReadJson(Saved(plan));
        Assert.Equal(found, results.Arm("own").OtherDifferences);
        Assert.Contains("own also differs in training.learningRate: 0.01 instead of 0.003; ", ComparisonReport.ToHtml(results), StringComparison.Ordinal);
        Assert.DoesNotContain("scratch also differs", ComparisonReport.ToHtml(results), StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_result_of_a_run_is_named_with_what_to_do_and_then_scored_anew()
    {
        var plan = Plan("damaged") with { Seeds = [1] };
        var cells = plan.Cells();
        foreach (var cell in cells)
            ComparisonRunner.Run(cell);
        ComparisonRunner.Collect(plan);
        string whole = File.ReadAllText(Path.Combine(plan.Folder, "results.csv"));
        foreach (string text in new[] { "{", "[]", "{\"format\": 1, \"results\": {\"name\": 1}}", "{\"format\": 1, \"results\": {}}", File.ReadAllText(cells[0].ResultPath) })
        {
            File.WriteAllText(cells[1].ResultPath, text);
            string message = Assert.Throws<InvalidDataException>(() => ComparisonRunner.Collect(plan)).Message;
            Assert.StartsWith(cells[1].ResultPath, message, StringComparison.Ordinal);
            Assert.Contains("delete this file, and the next 'compare' scores", message, StringComparison.Ordinal);
            Assert.DoesNotContain("SamMed3D.", message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', message);
        }

        File.Delete(cells[1].ResultPath);
        ComparisonRunner.Run(cells[1]);
        // What the training took is not known any more; scoring alone is no run.
        Assert.True(double.IsNaN(cells[1].ReadResult().Cost.WallSeconds));
        ComparisonRunner.Collect(plan);
        Assert.Equal(whole, File.ReadAllText(Path.Combine(plan.Folder, "results.csv")));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_refused_before_anything_is_trained()
    {
        var plan = Plan("nowhere") with { Output = _folder.Write("taken", "a file") };
        string message = Assert.Throws<InvalidDataException>(() => ComparisonRunner.Check(plan)).Message;
        Assert.StartsWith(plan.Folder, message, StringComparison.Ordinal);
        Assert.Contains("choose another with --set output=FOLDER", message, StringComparison.Ordinal);
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

    private static string Saved(ComparisonPlan plan)
    {
        ComparisonRunner.Collect(plan);
        return Path.Combine(plan.Folder, "results.json");
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
