namespace SamMed3D.Transfer.Tests;

public sealed class LabelCleaningTests
{
    private static readonly CleaningOptions Lenient = new() { MinimumVolume = 0, MinimumSide = 0, MaximumBackground = 1 };

    [Fact]
    public void The_limits_are_the_published_ones()
    {
        var options = new CleaningOptions();
        Assert.Equal((1000, 15, 0.99, 5), (options.MinimumVolume, options.MinimumSide, options.MaximumBackground, options.LargestComponents));
    }

    [Theory]
    [InlineData("kidney", true)]
    [InlineData("Kidneys", true)]
    [InlineData("adrenal_gland", true)]
    [InlineData("kidney_left", false)]
    [InlineData("kidney cyst", false)]
    [InlineData("liver", false)]
    public void Organs_to_split_are_known_by_the_whole_name(string name, bool isSymmetric) => Assert.Equal(isSymmetric, new CleaningOptions().IsSymmetric(name));

    [Fact]
    public void Small_components_become_background_and_the_cleaned_labels_are_new_ones()
    {
        using var labels = Line(1, 1, 0, 1, 0, 3, 3, 0, 3);
        var cleaning = LabelCleaning.Decide(labels, new Dictionary<int, string> { [1] = "a", [2] = "b", [3] = "c" }, Lenient with { LargestComponents = 1 });
        Assert.Equal([(1, 3L, 2L), (2, 0, 0), (3, 3, 2)], cleaning.Decisions.Select(decision => (decision.Value, decision.VoxelCount, decision.KeptVoxelCount)));
        Assert.Equal("empty", cleaning.Decisions[1].Reason);
        using var cleaned = cleaning.Paint(new Dictionary<CleanedMask, int> { [new(1, BodySide.Whole)] = 2, [new(3, BodySide.Whole)] = 1 });
        Assert.Equal([2, 2, 0, 0, 0, 1, 1, 0, 0], cleaned.Voxels().ToArray());
        Assert.Equal([1, 1, 0, 1, 0, 3, 3, 0, 3], labels.Voxels().ToArray());
    }

    [Theory]
    [InlineData(SideRule.ByComponent, new[] { 1, 1, 1, 0, 0, 0, 0, 2, 2 })]
    [InlineData(SideRule.ByVoxel, new[] { 1, 1, 1, 0, 0, 0, 0, 2, 2 })]
    public void Sides_are_told_by_world_coordinates(SideRule rule, int[] expected)
    {
        using var labels = Line(1, 1, 1, 0, 0, 0, 0, 1, 1);
        Assert.Equal(expected, Split(labels, rule));
        // The same voxels with x running to the left.
        using var mirrored = new LabelVolume(labels.Values.clone(), new Geometry(labels.Geometry.Size, Affine.Scaling(new Double3(-1, -1, 1))));
        Assert.Equal([.. expected.Select(label => label == 0 ? 0 : 3 - label)], Split(mirrored, rule));
    }

    [Fact]
    public void An_organ_across_the_midline_goes_to_one_side_unless_it_is_cut()
    {
        using var labels = Line(0, 1, 1, 1, 1, 1, 0, 0, 0);
        Assert.Equal([0, 1, 1, 1, 1, 1, 0, 0, 0], Split(labels, SideRule.ByComponent));
        Assert.Equal([0, 1, 1, 1, 1, 2, 0, 0, 0], Split(labels, SideRule.ByVoxel));
    }

    [Fact]
    public void A_mask_that_stays_needs_a_label()
    {
        using var labels = Line(1, 1);
        var cleaning = LabelCleaning.Decide(labels, new Dictionary<int, string> { [1] = "a" }, Lenient);
        Assert.Throws<ArgumentException>(() => cleaning.Paint(new Dictionary<CleanedMask, int>()));
    }

    [Fact]
    public void Labels_that_are_no_masks_stay_under_their_new_value_and_others_go()
    {
        using var labels = Line(1, 9, 0, 9, 9, 7, 1, 1, 9);
        var cleaning = LabelCleaning.Decide(labels, new Dictionary<int, string> { [1] = "a" }, Lenient with { LargestComponents = 1 });
        using var cleaned = cleaning.Paint(new Dictionary<CleanedMask, int> { [new(1, BodySide.Whole)] = 1 }, new Dictionary<int, int> { [9] = 2 });
        Assert.Equal([0, 2, 0, 2, 2, 0, 1, 1, 2], cleaned.Voxels().ToArray());
        Assert.Throws<ArgumentException>(() => cleaning.Paint(new Dictionary<CleanedMask, int> { [new(1, BodySide.Whole)] = 1 }, new Dictionary<int, int> { [1] = 2 }));
    }

    [Theory]
    [InlineData("kidney", "kidney_left")]
    [InlineData("adrenal_gland", "adrenal_gland_left")]
    [InlineData("Adrenal gland", "Adrenal gland left")]
    public void A_side_follows_as_the_words_of_an_organs_folder_do(string organ, string expected)
    {
        Assert.True(new CleaningOptions().IsSymmetric(organ));
        Assert.Equal(expected, new CleanedMask(1, BodySide.Left).FolderOf(organ));
    }

    [Theory]
    [InlineData(-1, 15, 0.99, 5)]
    [InlineData(1000, double.NaN, 0.99, 5)]
    [InlineData(1000, 15, 1.5, 5)]
    [InlineData(1000, 15, 0.99, 0)]
    public void Limits_out_of_range_are_refused(double volume, double side, double background, int components) => Assert.Throws<ArgumentException>(
        () => new CleaningOptions { MinimumVolume = volume, MinimumSide = side, MaximumBackground = background, LargestComponents = components }.Validated());

    private static int[] Split(LabelVolume labels, SideRule rule)
    {
        var cleaning = LabelCleaning.Decide(labels, new Dictionary<int, string> { [1] = "lung" }, Lenient with { SideRule = rule });
        using var cleaned = cleaning.Paint(new Dictionary<CleanedMask, int> { [new(1, BodySide.Left)] = 1, [new(1, BodySide.Right)] = 2 });
        return cleaned.Voxels().ToArray();
    }

    private static LabelVolume Line(params int[] labels) =>
        new(tensor(labels).reshape(labels.Length, 1, 1).contiguous(), Geometry.Create(new Size3(labels.Length, 1, 1), 1));
}
