namespace SamMed3D.Transfer.Tests;

public sealed class LabelSchemeTests
{
    /// <summary>BraTS: the whole tumour is edema (2), necrosis (1) and enhancing tumour (3); the core lacks the edema.</summary>
    private static readonly LabelScheme Tumour = new LabelScheme
    {
        Structures =
        [
            new LabelRegion { Name = "whole", Values = [1, 2, 3] }, new LabelRegion { Name = "core", Values = [1, 3] }, new LabelRegion { Name = "enhancing", Values = [3] },
        ],
        RegionClassOrder = [2, 1, 3],
        IgnoreValue = 4,
    }.Validated();

    [Fact]
    public void Regions_are_painted_over_each_other_in_their_order()
    {
        using var scope = NewDisposeScope();
        // Voxels: nothing; whole; whole and core; all; the enhancing region alone.
        var logits = tensor(new float[] { -1, 1, 1, 1, -1, /**/ -1, -1, 1, 1, -1, /**/ -1, -1, -1, 1, 1 }).view(3, 5, 1, 1);

        Assert.Equal([0, 2, 1, 3, 3], Tumour.LabelsOf(logits).data<int>().ToArray());
    }

    [Fact]
    public void Classes_go_to_the_largest_logit()
    {
        using var scope = NewDisposeScope();
        var logits = tensor(new float[] { 2, 0, /**/ 1, 0.5f, /**/ 0, 1 }).view(3, 2, 1, 1);

        Assert.Equal([0, 2], LabelScheme.Classes(["a", "b"]).LabelsOf(logits).data<int>().ToArray());
    }

    [Fact]
    public void Schemes_are_equal_when_all_values_mean_the_same()
    {
        Assert.Equal(LabelScheme.Classes(["a", "b"], 9), LabelScheme.Classes(["a", "b"], 9));
        Assert.NotEqual(LabelScheme.Classes(["a", "b"]), LabelScheme.Classes(["a", "b"], 9));
        Assert.NotEqual(Tumour, Tumour with { RegionClassOrder = [1, 1, 3] });
    }

    [Fact]
    public void The_dice_of_a_region_counts_all_its_values_and_no_ignored_voxel()
    {
        using var scope = NewDisposeScope();
        var truth = tensor(new[] { 0, 1, 2, 3, 3, -1, -1, 0 }).view(2, 2, 2);
        var prediction = tensor(new[] { 0, 3, 1, 3, 0, 3, 0, 2 }).view(2, 2, 2);

        var scores = CaseScores.Compare("one", truth, prediction, Tumour);

        // whole: truth voxels 1 2 3 4, predicted 1 2 3 7 (5 is ignored): 3 common. core: 1 3 4 against 1 2 3: 2. enhancing: 3 4 against 1 3: 1.
        Assert.Equal([new DiceScore(3, 1, 1), new DiceScore(2, 1, 1), new DiceScore(1, 1, 1)], scores.Classes);
        Assert.Equal(new DiceScore(3, 1, 1), scores.Foreground);
        Assert.Equal(0.75, scores.Classes[0].Value);
    }

    [Fact]
    public void The_surface_of_a_region_is_that_of_all_its_values_and_ignored_voxels_have_none()
    {
        var grid = Geometry.Create(new Size3(8, 3, 3), new Double3(1, 1, 1));
        LabelVolume Row(params int[] values)
        {
            var volume = new LabelVolume(zeros([8, 3, 3], ScalarType.Int32), grid);
            for (var x = 0; x < values.Length; x++)
                volume.Voxels()[x * 9 + 4] = values[x];
            return volume;
        }

        // The whole tumour is the same in both, though its parts are others; the prediction's stray voxel lies where nothing is known.
        using var truth = Row(0, 1, 2, 3, 0, 0, -1, 0);
        using var prediction = Row(0, 2, 1, 3, 0, 0, 3, 0);

        var scores = CaseScores.Compare("one", truth, prediction, Tumour, new SurfaceOptions());

        Assert.Equal(0, scores.Surfaces![0].Hausdorff);
        Assert.True(scores.Surfaces[1].Hausdorff > 0);
        Assert.Equal(0, scores.Surfaces[2].Hausdorff);
        Assert.Equal(0, scores.ForegroundSurface!.Value.Hausdorff);
    }

    [Fact]
    public void A_case_of_nothing_but_ignored_voxels_says_nothing()
    {
        using var scope = NewDisposeScope();
        var scores = CaseScores.Compare("one", full([2, 2, 2], -1, ScalarType.Int32), ones([2, 2, 2], ScalarType.Int32), LabelScheme.Classes(["a"]));

        Assert.True(double.IsNaN(scores.MeanDice));
    }
}
