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
}
