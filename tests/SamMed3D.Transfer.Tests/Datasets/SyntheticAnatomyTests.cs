namespace SamMed3D.Transfer.Tests;

public sealed class SyntheticAnatomyTests
{
    private static readonly SyntheticAnatomyOptions Small = new() { Size = new(32, 28, 16), TrainingCases = 6, TestCases = 2 };

    [Fact]
    public void The_same_seed_and_index_give_the_same_case_and_others_give_another()
    {
        var (image, labels) = SyntheticAnatomy.Make(Small, 1);
        var (again, labelsAgain) = SyntheticAnatomy.Make(Small, 1);
        var (other, otherLabels) = SyntheticAnatomy.Make(Small with { Seed = 1 }, 1);
        var (next, nextLabels) = SyntheticAnatomy.Make(Small, 2);
        using IDisposable all = new Owned(image, labels, again, labelsAgain, other, otherLabels, next, nextLabels);

        Assert.Equal(image.Geometry, again.Geometry);
        Assert.True(image.Voxels().SequenceEqual(again.Voxels()));
        Assert.True(labels.Voxels().SequenceEqual(labelsAgain.Voxels()));
        Assert.NotEqual(image.Geometry, other.Geometry);
        Assert.False(image.Voxels().SequenceEqual(other.Voxels()));
        Assert.NotEqual(image.Geometry, next.Geometry);
    }

    [Fact]
    public void Every_case_shows_every_organ_and_cases_differ_in_voxel_order_and_spacing()
    {
        var orders = new HashSet<string>();
        var spacings = new HashSet<Double3>();
        for (var index = 0; index < 8; index++)
        {
            var (image, labels) = SyntheticAnatomy.Make(Small, index);
            using IDisposable both = new Owned(image, labels);
            orders.Add(image.Geometry.Orientation.Code);
            spacings.Add(image.Geometry.Spacing);
            Assert.Equal(Enumerable.Range(0, SyntheticAnatomy.ClassNames.Count), labels.Voxels().ToArray().Distinct().Order());
            Assert.InRange(image.Voxels().ToArray().Min(), -1024, -950);
            Assert.All(image.Voxels().ToArray(), value => Assert.Equal(MathF.Round(value), value));
        }

        Assert.Equal(["LAS", "LPS", "PIR", "RAS"], orders.Order(StringComparer.Ordinal));
        Assert.Equal(8, spacings.Count);
    }

    [Fact]
    public void Organs_are_on_the_anatomical_side_whatever_the_voxel_order()
    {
        for (var index = 0; index < 4; index++)
        {
            var (image, labels) = SyntheticAnatomy.Make(Small, index);
            using IDisposable both = new Owned(image, labels);
            var centres = Centres(labels);
            // RAS+: x grows to the patient's right, y to the front, z to the head.
            Assert.True(centres["liver"].X > centres["spine"].X && centres["spleen"].X < centres["spine"].X);
            Assert.True(centres["right_kidney"].X > centres["spine"].X + 20 && centres["left_kidney"].X < centres["spine"].X - 20);
            Assert.True(centres["aorta"].Y > centres["spine"].Y);
            Assert.True(centres["liver"].Z > centres["right_kidney"].Z);
        }
    }

    [Fact]
    public void Knowing_where_organs_usually_are_does_not_find_them()
    {
        const int training = 12;
        int classCount = SyntheticAnatomy.ClassNames.Count;
        var size = Small.Size;
        var votes = new int[size.Count, classCount];
        for (var index = 0; index < training; index++)
            foreach (var (cell, value) in CentredLabels(index))
                votes[cell, value]++;
        long both = 0, guessed = 0, there = 0;
        for (int index = training; index < training + 4; index++)
            foreach (var (cell, value) in CentredLabels(index))
            {
                int guess = Enumerable.Range(0, classCount).MaxBy(one => votes[cell, one]);
                both += guess == value && value > 0 ? 1 : 0;
                guessed += guess > 0 ? 1 : 0;
                there += value > 0 ? 1 : 0;
            }

        double dice = 2.0 * both / (guessed + there);
        Assert.InRange(dice, 0.2, 0.65);
    }

    [Fact]
    public void A_size_or_count_that_makes_no_case_is_refused()
    {
        Assert.Contains("4x28x16", Assert.Throws<ArgumentException>(() => SyntheticAnatomy.Make(Small with { Size = new(4, 28, 16) }, 0)).Message, StringComparison.Ordinal);
        Assert.Contains("got 0 and 2", Assert.Throws<ArgumentException>(() => SyntheticAnatomy.Make(Small with { TrainingCases = 0 }, 0)).Message, StringComparison.Ordinal);
    }

    /// <summary>The label at every cell of a RAS+ grid around the middle of the case's field of view.</summary>
    private static List<(int Cell, int Value)> CentredLabels(int index)
    {
        var (image, labels) = SyntheticAnatomy.Make(Small, index);
        using IDisposable owned = new Owned(image, labels);
        var grid = labels.Geometry;
        int[] voxels = labels.Voxels().ToArray();
        var toIndex = grid.Affine.Inverse();
        var middle = grid.ToWorld(new((grid.Size.X - 1) / 2.0, (grid.Size.Y - 1) / 2.0, (grid.Size.Z - 1) / 2.0));
        var cells = new List<(int, int)>();
        var size = Small.Size;
        for (var cell = 0; cell < size.Count; cell++)
        {
            var at = toIndex.Apply(new(
                middle.X + (cell / (size.Y * size.Z) - (size.X - 1) / 2.0) * 10,
                middle.Y + (cell / size.Z % size.Y - (size.Y - 1) / 2.0) * 9.5,
                middle.Z + (cell % size.Z - (size.Z - 1) / 2.0) * 14));
            int x = (int)Math.Round(at.X), y = (int)Math.Round(at.Y), z = (int)Math.Round(at.Z);
            bool isInside = x >= 0 && y >= 0 && z >= 0 && x < grid.Size.X && y < grid.Size.Y && z < grid.Size.Z;
            cells.Add((cell, isInside ? voxels[(x * grid.Size.Y + y) * grid.Size.Z + z] : 0));
        }

        return cells;
    }

    private static Dictionary<string, Double3> Centres(LabelVolume labels)
    {
        int[] voxels = labels.Voxels().ToArray();
        var size = labels.Geometry.Size;
        return voxels.Select((value, voxel) => (value, voxel)).Where(one => one.value > 0).GroupBy(one => one.value).ToDictionary(
            one => SyntheticAnatomy.ClassNames[one.Key],
            one => labels.Geometry.ToWorld(new(
                one.Average(each => each.voxel / (size.Y * size.Z)), one.Average(each => each.voxel / size.Z % size.Y), one.Average(each => each.voxel % size.Z))));
    }
}
