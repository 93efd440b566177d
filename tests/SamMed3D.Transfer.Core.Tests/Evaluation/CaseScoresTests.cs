namespace SamMed3D.Transfer.Tests;

public sealed class CaseScoresTests
{
    private static Tensor Labels(params int[] values) => tensor(values, ScalarType.Int32).view(values.Length, 1, 1);

    [Fact]
    public void Dice_counts_voxels_by_class_and_the_foreground_as_one()
    {
        using var scope = NewDisposeScope();

        var scores = CaseScores.Compare("a", Labels(0, 1, 1, 2, 2, 2, 0), Labels(0, 1, 2, 2, 2, 0, 1), 4);

        Assert.Equal([new DiceScore(1, 1, 1), new DiceScore(2, 1, 1), new DiceScore(0, 0, 0)], scores.Classes);
        Assert.Equal(0.5, scores.Classes[0].Value);
        Assert.Equal(new DiceScore(4, 1, 1), scores.Foreground);
        Assert.Equal(0.8, scores.Foreground.Value);
    }

    [Fact]
    public void A_class_in_neither_map_is_NaN_and_stays_out_of_the_mean()
    {
        using var scope = NewDisposeScope();

        var scores = CaseScores.Compare("a", Labels(0, 1, 1), Labels(0, 1, 1), 3);

        Assert.True(double.IsNaN(scores.Classes[1].Value));
        Assert.Equal(1, scores.MeanDice);
    }

    [Fact]
    public void A_class_in_one_map_alone_scores_0()
    {
        using var scope = NewDisposeScope();

        Assert.Equal(0, CaseScores.Compare("a", Labels(0, 1), Labels(0, 0), 2).Classes[0].Value);
        Assert.Equal(0, CaseScores.Compare("a", Labels(0, 0), Labels(0, 1), 2).Classes[0].Value);
    }

    [Fact]
    public void Byte_labels_of_many_classes_do_not_overflow()
    {
        using var scope = NewDisposeScope();
        var labels = arange(0, 200, ScalarType.Byte).view(200, 1, 1);

        var scores = CaseScores.Compare("a", labels, labels, 200);

        Assert.All(scores.Classes, score => Assert.Equal(new DiceScore(1, 0, 0), score));
    }

    [Fact]
    public void Another_grid_and_unknown_labels_are_refused_by_name()
    {
        using var scope = NewDisposeScope();

        Assert.Contains("Case a: the truth is [2, 1, 1], the prediction [3, 1, 1]",
            Assert.Throws<ArgumentException>(() => CaseScores.Compare("a", Labels(0, 1), Labels(0, 1, 1), 2)).Message, StringComparison.Ordinal);
        Assert.Contains("the prediction has labels 0 to 2; with 2 classes they are 0 to 1",
            Assert.Throws<ArgumentException>(() => CaseScores.Compare("a", Labels(0, 1), Labels(0, 2), 2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Comparing_leaves_no_tensor()
    {
        using var truth = Labels(0, 1);
        using var prediction = Labels(1, 1);
        long before = LiveTensors.Before();

        CaseScores.Compare("a", truth, prediction, 2);

        Assert.Equal(before, LiveTensors.Now);
    }

    [Fact]
    public void The_table_means_over_cases_first_and_over_classes_then()
    {
        var full = new DiceScore(1, 0, 0);
        var missed = new DiceScore(0, 0, 1);
        var scores = new SegmentationScores(["one", "two"],
            [new CaseScores("a", [full, default], full), new CaseScores("b", [missed, full], missed)]);

        Assert.Equal([0.5, 1], scores.ClassMeans);
        Assert.Equal(0.75, scores.MeanDice);
        Assert.Equal(0.5, scores.ForegroundDice);
        Assert.Equal([2, 1], scores.ClassCaseCounts);
    }

    [Theory]
    [InlineData(EmptyStructures.Agree, 1, 0)]
    [InlineData(EmptyStructures.LeftOut, double.NaN, double.NaN)]
    public void A_class_in_neither_map_is_agreement_or_left_out_as_asked(EmptyStructures empty, double share, double distance)
    {
        using LabelVolume truth = Volume(0, 1, 1), prediction = Volume(0, 1, 1);
        var scores = CaseScores.Compare("a", truth, prediction, ["here", "nowhere"], new SurfaceOptions());
        Assert.Equal(share, scores.Value(SegmentationMetric.Dice, 1, empty));
        Assert.Equal(share, scores.Value(SegmentationMetric.SurfaceDice, 1, empty));
        Assert.Equal(distance, scores.Value(SegmentationMetric.Hausdorff95, 1, empty));
        Assert.Equal(distance, scores.Value(SegmentationMetric.MeanSurfaceDistance, 1, empty));
        Assert.Equal(double.NaN, scores.Value(SegmentationMetric.Sensitivity, 1, empty));
    }

    [Fact]
    public void Infinite_distances_stay_out_of_the_mean_and_are_counted()
    {
        using LabelVolume truth = Volume(0, 1, 1, 1), shifted = Volume(1, 1, 1, 0), nothing = Volume(0, 0, 0, 0);
        var scores = new SegmentationScores(["organ"],
        [
            CaseScores.Compare("a", truth, shifted, ["organ"], new SurfaceOptions()), CaseScores.Compare("b", truth, nothing, ["organ"], new SurfaceOptions()),
        ]);
        Assert.True(scores.HasSurfaces);
        Assert.Equal(new MetricMean(2, 1, 1), scores.Mean(SegmentationMetric.Hausdorff, 0));
        Assert.Equal(new MetricMean(1 / 3.0, 2, 0), scores.Mean(SegmentationMetric.Dice, 0));
        Assert.Equal(8, scores.Cases[0].VoxelVolume);
    }

    [Fact]
    public void Each_class_has_its_own_tolerance()
    {
        using LabelVolume truth = Volume(1, 0, 0, 2, 0), prediction = Volume(0, 1, 0, 0, 2);
        var options = new SurfaceOptions { Tolerance = 1, ClassTolerances = new Dictionary<string, double> { ["wide"] = 2 }, Convention = SurfaceConvention.VoxelBorder };
        var scores = CaseScores.Compare("a", truth, prediction, ["narrow", "wide"], options);
        Assert.Equal((0, 1), (scores.Surfaces![0].SurfaceDice, scores.Surfaces[1].SurfaceDice));
        Assert.Equal((1, 2), (scores.Surfaces[0].Tolerance, scores.Surfaces[1].Tolerance));
        Assert.Throws<ArgumentException>(() => (options with { Tolerance = -1 }).Validated());
    }

    private static LabelVolume Volume(params int[] values) => new(Labels(values).contiguous(), Geometry.Create(new Size3(values.Length, 1, 1), 2));
}
