using System.Text.Json.Nodes;
using SamMed3D.Transfer.Cli;

namespace SamMed3D.Transfer.Tests;

public sealed class DatasetPlanTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_fingerprint_has_grids_in_RAS_and_the_statistics_of_all_labelled_voxels()
    {
        Data(cases: 2, size: new(6, 4, 2), spacing: new(1, 2, 3), turned: true);

        var fingerprint = DatasetFingerprint.Of(DatasetManifest.Open(_folder.Root));

        // The files lie SRA-wise: their axes are up, right, front.
        Assert.Equal(new Size3(4, 2, 6), fingerprint.Cases[0].Size);
        Assert.Equal(new Double3(2, 3, 1), fingerprint.MedianSpacing);
        Assert.Equal(new Double3(8, 6, 6), fingerprint.MedianExtent);
        // Voxels 10 to 19 of each case are labelled, with the values 10 to 19, and 100 more in the second case.
        Assert.Equal(20, fingerprint.Intensities[0].Count);
        Assert.Equal(64.5, fingerprint.Intensities[0].Mean, 1e-9);
        Assert.Equal((10, 119), (fingerprint.Intensities[0].Minimum, fingerprint.Intensities[0].Maximum));
        Assert.Equal(Math.Sqrt(50 * 50 + 8.25), fingerprint.Intensities[0].StandardDeviation, 1e-9);
        Assert.Equal(["liver"], fingerprint.Cases[0].Present);
    }

    [Fact]
    public void A_sample_of_intensities_keeps_its_percentiles_near_and_its_moments_exact()
    {
        IntensityStatistics Sampled()
        {
            var sample = new IntensitySample(2000, new RandomStream(3));
            for (var value = 0; value < 100_000; value++)
                sample.Add(value);
            return sample.Statistics();
        }

        var found = Sampled();
        Assert.Equal(100_000, found.Count);
        Assert.Equal(49_999.5, found.Mean, 1e-6);
        Assert.Equal((0, 99_999), (found.Minimum, found.Maximum));
        Assert.InRange(found.Median, 46_000, 54_000);
        Assert.InRange(found.Percentile99_5, 98_500, 99_999);
        Assert.Equal(found, Sampled());
    }

    [Fact]
    public void The_spacing_is_the_median_but_for_thick_slices_where_it_is_the_tenth_percentile()
    {
        var (even, _) = SpacingPlan.Of(Fingerprint(new(1, 1, 1), new(1, 1.2, 2), new(1, 1.2, 3)), usesReleasedWeights: false);
        Assert.Equal(new Double3(1, 1.2, 2), even);

        // Slices of 4, 5, 6 mm: the 10th percentile is 4.2 mm.
        var (thick, reason) = SpacingPlan.Of(Fingerprint(new(1, 1, 4), new(1, 1, 5), new(1, 1, 6)), usesReleasedWeights: false);
        Assert.Equal(new Double3(1, 1, 4.2), thick);
        Assert.Contains("axis Z the 10th percentile", reason, StringComparison.Ordinal);

        var (released, _) = SpacingPlan.Of(Fingerprint(new Double3(1, 1, 4)), usesReleasedWeights: true);
        Assert.Equal(new Double3(1.5, 1.5, 1.5), released);
    }

    [Theory]
    [InlineData("CT", 0.5, false, Normalization.CtClip)]
    [InlineData("MRI", 0.5, false, Normalization.ZScorePositive)]
    [InlineData("MRI", 0.01, false, Normalization.ZScore)]
    [InlineData("CT", 0.5, true, Normalization.ZScorePositive)]
    public void The_normalisation_goes_by_modality_unless_the_weights_bring_their_own(string channel, double positive, bool usesReleased, Normalization expected)
    {
        var fingerprint = Fingerprint(new Double3(1, 1, 1));
        fingerprint = fingerprint with { Cases = [fingerprint.Cases[0] with { PositiveShare = positive }] };

        Assert.Equal(expected, NormalizationPlan.Of([channel], fingerprint, usesReleased).Normalization);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1.5)]
    [InlineData(4)]
    [InlineData(40)]
    public void The_patch_is_a_multiple_of_the_encoders_and_fits_the_memory_where_it_can(double memory)
    {
        foreach (bool usesReleased in new[] { false, true })
            foreach (var size in new[] { new Size3(35, 51, 35), new Size3(300, 280, 60) })
            {
                var (model, batch) = PatchPlan.Of(size, 1, memory, usesReleased, []);
                for (var axis = 0; axis < 3; axis++)
                    Assert.Equal(0, model.Backbone.ImageSize[axis] % model.Backbone.PatchSize);
                Assert.Null(model.Backbone.WhyRefused(model.Backbone.ImageSize));
                bool isLeast = batch == 1 && Enumerable.Range(0, 3).All(axis => model.Backbone.ImageSize[axis] == 2 * model.Backbone.PatchSize);
                Assert.True(MemoryEstimate.GB(model, batch) <= memory || isLeast);
            }
    }

    [Fact]
    public void The_memory_estimate_is_within_a_quarter_of_what_was_measured()
    {
        // README: 3.8 GB for the full-size encoder at 64^3, batch 2; 1.6 GB for the hippocampus network.
        var full = new UnetrOptions { Backbone = EncoderOptions.SamMed3D with { ImageSize = 64 }, ClassCount = 3, FeatureSize = 16, HasConvolutionalSkips = true };
        Assert.InRange(MemoryEstimate.GB(full, 2), 3.8 * 0.75, 3.8 * 1.25);
        var small = new UnetrOptions
        {
            Backbone = new EncoderOptions
            {
                ImageSize = new(48, 64, 48), PatchSize = 8, EmbeddingWidth = 192, BlockCount = 8, HeadCount = 6, WindowSize = 0, GlobalBlocks = [],
                RelativePosition = RelativePosition.Decomposed,
            },
            ClassCount = 3, FeatureSize = 16, HasConvolutionalSkips = true,
        };
        Assert.InRange(MemoryEstimate.GB(small, 2), 1.6 * 0.75, 1.6 * 1.25);
    }

    [Fact]
    public void Folds_part_no_subject_and_share_out_a_rare_class()
    {
        // 20 subjects with two cases each; 5 of the subjects have the rare class.
        var cases = Enumerable.Range(0, 40).Select(index => Case($"c{index:00}", $"s{index / 2}", index / 2 % 4 == 0 ? ["common", "rare"] : ["common"])).ToList();

        var folds = StratifiedFolds.Deal(cases, 5, seed: 1);

        Assert.Equal(cases.Select(one => one.Id), folds.SelectMany(ids => ids).Order());
        var subjects = folds.Select(ids => ids.Select(id => cases.Single(one => one.Id == id).Subject).ToHashSet()).ToList();
        Assert.Equal(20, subjects.Sum(fold => fold.Count));
        Assert.All(folds, ids => Assert.Equal(8, ids.Count));
        Assert.All(folds, ids => Assert.Equal(2, ids.Count(id => cases.Single(one => one.Id == id).Present.Contains("rare"))));
        Assert.Equal(folds.SelectMany(ids => ids), StratifiedFolds.Deal([.. cases.AsEnumerable().Reverse()], 5, seed: 1).SelectMany(ids => ids));
        Assert.NotEqual(folds.SelectMany(ids => ids), StratifiedFolds.Deal(cases, 5, seed: 2).SelectMany(ids => ids));
    }

    [Fact]
    public void Budgets_are_nested_by_subject_and_the_smallest_have_every_class_that_fits()
    {
        var fingerprint = Fingerprint(new Double3(1, 1, 1)) with
        {
            Cases = [.. Enumerable.Range(0, 40).Select(index => Case($"c{index:00}", $"s{index / 2}", index < 2 ? ["rare"] : ["common"]))],
        };
        var fold = new DataFold([.. fingerprint.Cases.Select(one => one.Id)], []);

        var budgets = LabelBudgets.Draw(fingerprint, [fold], seed: 4).Folds[0];

        Assert.Equal([2, 2, 4, 10, 20, 40], LabelBudgets.Percentages.Select(percent => budgets[percent].Count));
        for (var step = 1; step < LabelBudgets.Percentages.Count; step++)
            Assert.Subset(budgets[LabelBudgets.Percentages[step]].ToHashSet(), budgets[LabelBudgets.Percentages[step - 1]].ToHashSet());
        Assert.All(budgets.Values, ids => Assert.True(ids.Select(id => id[..3]).Count() % 2 == 0));
        Assert.Contains("c00", budgets[10]);
    }

    [Fact]
    public void Two_plans_of_one_data_set_have_the_same_bytes_and_the_experiment_trains_on_its_budget()
    {
        SyntheticAnatomy.Write(_folder.File("data"), new SyntheticAnatomyOptions { TrainingCases = 6, TestCases = 1, Size = new(24, 24, 16) });
        foreach (string output in new[] { "one", "two" })
        {
            var printed = CommandLine.Run("plan", _folder.File("data"), "--output", _folder.File(output), "--memory", "1", "--folds", "3");
            Assert.Equal("", string.Join('\n', printed.ErrorLines.Where(line => line.StartsWith("sammed3d", StringComparison.Ordinal))));
            Assert.Equal(ExitCode.Ok, printed.ExitCode);
            Assert.StartsWith("decision", printed.OutLines[0], StringComparison.Ordinal);
            Assert.Contains("normalization: ct-clip", printed.Out, StringComparison.Ordinal);
        }

        foreach (string file in new[] { DatasetPlan.FileName, DataSplit.FileName, LabelBudgets.FileName })
            Assert.Equal(File.ReadAllBytes(_folder.File($"one/{file}")), File.ReadAllBytes(_folder.File($"two/{file}")));
        Assert.Equal(File.ReadAllText(_folder.File("one/experiment.yaml")).Replace("/one/", "/two/", StringComparison.Ordinal), File.ReadAllText(_folder.File("two/experiment.yaml")));
        Assert.Equal(4, JsonNode.Parse(File.ReadAllText(_folder.File("one/splits_final.json")))![2]!["train"]!.AsArray().Count);

        // The plan's experiment, with a network that a test can wait for.
        var experiment = ExperimentFile.Read(_folder.File("one/experiment.yaml"),
        [
            "model.backbone.imageSize=16", "model.backbone.patchSize=8", "model.backbone.embeddingWidth=24", "model.backbone.blockCount=3", "model.backbone.headCount=3", "model.taps=[0, 1, 2]",
            "training.steps=2", "training.warmupSteps=1", "training.validateEvery=0", "data.preprocessing.spacing=[14, 12, 16]", "data.fold=1",
            $"data.budget={{percent: 25, file: {_folder.File("one/budgets.json")}}}",
        ]);
        var run = RunFolder.Create(ExperimentRunner.Prepare(experiment), CPU, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), _folder.File("run"));
        var scores = ExperimentRunner.Train(run);
        using var weights = Checkpoint.Open(run.BestPath);
        Assert.Equal(LabelBudgets.Open(_folder.File("one/budgets.json")).Folds[1][25], weights.Manifest!.Data[^1].Cases);
        Assert.Equal(JsonNode.Parse(File.ReadAllText(_folder.File("one/splits_final.json")))![1]!["val"]!.AsArray().Select(id => (string)id!), scores.Cases.Select(one => one.CaseId));
    }

    [Fact]
    public void A_plan_is_not_overwritten_and_broken_options_are_refused_in_one_line()
    {
        Data(cases: 2, size: new(6, 4, 2), spacing: new(1, 2, 3));
        _folder.Write("old/plan.json", "{}");

        foreach (var (arguments, expected) in new (string[], string)[]
        {
            (["-o", _folder.File("old")], "is there already"),
            (["-o", _folder.File("new"), "--memory", "0"], "--memory is 0"),
            (["-o", _folder.File("new"), "--folds", "1"], "--folds is 1"),
            (["-o", _folder.File("new"), "--subject-pattern", "("], "Invalid pattern"),
            (["-o", _folder.File("new")], "has 2 training subjects for 5 folds"),
            (["-o", _folder.File("new"), "--weights", _folder.File("none.pth")], "no such file"),
        })
        {
            var result = CommandLine.Run(["plan", _folder.Root, .. arguments]);
            Assert.Equal(ExitCode.BadInput, result.ExitCode);
            Assert.Contains(expected, result.ErrorLines[^1], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_budget_of_another_split_is_refused()
    {
        var training = new[] { "a", "b" }.Select(id => new DatasetCase(id, ["x"], "y", DatasetPart.Training)).ToList();
        string path = _folder.Write("budgets.json", """[{"10": ["a"], "100": ["a", "z"]}]""");
        var budgets = LabelBudgets.Open(path);

        Assert.Equal("a", Assert.Single(budgets.Within(10, 0, training)).Id);
        Assert.Contains("names z", Assert.Throws<InvalidDataException>(() => budgets.Within(100, 0, training)).Message, StringComparison.Ordinal);
        Assert.Contains("has 10, 100 percent", Assert.Throws<InvalidDataException>(() => budgets.Within(5, 0, training)).Message, StringComparison.Ordinal);
        Assert.Contains("has folds 0 to 0", Assert.Throws<InvalidDataException>(() => budgets.Within(10, 1, training)).Message, StringComparison.Ordinal);
        Assert.StartsWith(path, Assert.Throws<InvalidDataException>(() => LabelBudgets.Open(_folder.Write("budgets.json", "{}"))).Message, StringComparison.Ordinal);
    }

    private static CaseFingerprint Case(string id, string subject, string[] present, Double3? spacing = null) => new()
    {
        Id = id, Subject = subject, Size = new Size3(100, 100, 20), Spacing = spacing ?? new Double3(1, 1, 1), ForegroundVoxels = 1, Present = present, PositiveShare = 0.5,
    };

    private static DatasetFingerprint Fingerprint(params Double3[] spacings) => new()
    {
        Cases = [.. spacings.Select((spacing, index) => Case($"c{index}", $"c{index}", ["liver"], spacing))],
        Intensities = [IntensityStatistics.Of([1f, 2f, 3f])],
    };

    /// <summary>Voxel i has the value i, and 100 more in the second case; voxels 10 to 19 are labelled.</summary>
    private void Data(int cases, Size3 size, Double3 spacing, bool turned = false)
    {
        _folder.Write("dataset.json", """{"channel_names": {"0": "CT"}, "labels": {"background": 0, "liver": 1}, "file_ending": ".nii.gz"}""");
        foreach (string folder in new[] { "imagesTr", "labelsTr" })
            Directory.CreateDirectory(_folder.File(folder));
        var grid = turned
            ? new Geometry(size, Affine.FromRows([0, spacing.Y, 0, 0, 0, 0, spacing.Z, 0, spacing.X, 0, 0, 0])) : Geometry.Create(size, spacing);
        for (var index = 0; index < cases; index++)
        {
            using var image = new Volume((arange(size.Count, ScalarType.Float32) + 100 * index).view(1, size.X, size.Y, size.Z).contiguous(), grid);
            image.Save(_folder.File($"imagesTr/c{index}_0000.nii.gz"));
            using var labels = new LabelVolume(zeros(size.ToArray(), ScalarType.Int32), grid);
            labels.Voxels()[10..20].Fill(1);
            labels.Save(_folder.File($"labelsTr/c{index}.nii.gz"));
        }
    }
}
