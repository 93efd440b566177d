namespace SamMed3D.Transfer.Tests;

/// <summary>The whole way with regions that overlap and a value to ignore.</summary>
public sealed class RegionRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_on_regions_trains_validates_predicts_and_is_scored_region_by_region()
    {
        string data = _folder.File("data");
        SyntheticAnatomy.Write(data, new SyntheticAnatomyOptions { TrainingCases = 5, TestCases = 1, Size = new(24, 24, 16) });
        _folder.Write("data/dataset.json", """
            { "channel_names": {"0": "CT"}, "file_ending": ".nii.gz", "regions_class_order": [5, 1],
              "labels": {"background": 0, "anything": [1, 2, 3, 4, 5], "organ": [1, 2, 3, 4], "ignore": 6} }
            """);
        var experiment = ExperimentRunner.Prepare(Tiny(data));

        Assert.Equal(2, experiment.Model.ClassCount);
        Assert.Equal(experiment.Data.Labels, ExperimentFile.Parse(ExperimentFile.ToYaml(experiment), "written").Data.Labels);
        var run = RunFolder.Create(experiment, CPU, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), _folder.File("run"));
        var scores = ExperimentRunner.Train(run);
        Assert.Equal(["anything", "organ"], scores.ClassNames);

        // Prediction knows nothing but the run folder.
        string output = _folder.File("predictions");
        string written = Assert.Single(FolderPrediction.Run(new PredictionRequest(
            RunFolder.Open(run.Path).Experiment, run.BestPath, [Path.Combine(data, "imagesTs")], output, "cpu")).Written);
        using (var labels = LabelVolume.Open(written))
            Assert.Subset(new HashSet<int> { 0, 1, 5 }, labels.Voxels().ToArray().ToHashSet());

        var comparison = FolderEvaluation.Run(output, Path.Combine(data, "labelsTs"), DatasetManifest.Open(data));
        Assert.Equal(["anything", "organ"], comparison.Model.ClassNames);
        // Every true voxel of an organ is one of anything.
        Assert.True(comparison.Model.Cases[0].Classes[0].TruthVoxels > comparison.Model.Cases[0].Classes[1].TruthVoxels);
        Assert.NotNull(comparison.PositionGuess);
    }

    [Fact]
    public void A_case_with_a_value_that_is_in_no_region_is_refused_by_name()
    {
        string data = _folder.File("data");
        SyntheticAnatomy.Write(data, new SyntheticAnatomyOptions { TrainingCases = 5, TestCases = 1, Size = new(24, 24, 16) });
        _folder.Write("data/dataset.json", """
            { "channel_names": {"0": "CT"}, "file_ending": ".nii.gz", "regions_class_order": [1, 6], "labels": {"background": 0, "a": [1, 2, 3, 4], "b": 6} }
            """);

        string message = Assert.Throws<InvalidDataException>(() => ExperimentRunner.Train(RunFolder.Create(
            ExperimentRunner.Prepare(Tiny(data)), CPU, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), _folder.File("run")))).Message;

        Assert.Contains("expected labels 0, 1, 2, 3, 4, 6 as in dataset.json, got also 5 (", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Regions_go_back_onto_the_grid_of_the_file_where_each_is_more_likely_than_not()
    {
        var scheme = new LabelScheme
        {
            Structures = [new LabelRegion { Name = "A", Values = [1, 2] }, new LabelRegion { Name = "B", Values = [2] }], RegionClassOrder = [1, 2],
        };
        var grid = Geometry.Create(new Size3(8, 4, 4), new Double3(1, 1, 1));
        using var image = new Volume(rand([1, 8, 4, 4], generator: new Generator(1)), grid);
        using var prepared = new CasePreprocessor(
            new PreprocessingOptions { Spacing = new Double3(2, 2, 2), Normalization = Normalization.ZScore }, 1, scheme).Prepare(image);
        using var scope = NewDisposeScope();
        var logits = full([2, 4, 2, 2], -9f);
        logits[0].narrow(0, 0, 3).fill_(9);
        logits[1].narrow(0, 0, 2).fill_(9);

        using var labels = prepared.Restore(logits, scheme);

        // Voxels of 2 mm centred at 0, 2, 4, 6 mm: between the last certain yes and the first certain no lies the middle, which is no "more likely".
        int[] line = [.. Enumerable.Range(0, 8).Select(x => labels.Values[x, 0, 0].item<int>())];
        Assert.Equal(2, line[0]);
        Assert.Equal(2, line[2]);
        Assert.Equal(1, line[4]);
        Assert.Equal(0, line[6]);
    }

    private Experiment Tiny(string data)
    {
        var tiny = TinyExperiment.On(data, _folder.Root);
        return tiny with { Model = tiny.Model with { ClassCount = 0 } };
    }
}
