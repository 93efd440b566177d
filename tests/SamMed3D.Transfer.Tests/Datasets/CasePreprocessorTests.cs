using System.Text.Json;

namespace SamMed3D.Transfer.Tests;

public sealed class CasePreprocessorTests : IDisposable
{
    // A grid that is turned by 10 degrees about z, at 1 x 1.5 x 2 mm.
    private static readonly Geometry Oblique = new(new(9, 8, 7), Affine.FromRows(
        [0.98480775, -0.26047227, 0, -12.5, 0.17364818, 1.47721163, 0, 40, 0, 0, 2, -7]));

    private static readonly PreprocessingOptions KeepsSpacing = new() { Normalization = Normalization.ZScore };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("RAS")]
    [InlineData("LPS")]
    [InlineData("LAS")]
    [InlineData("PIR")]
    [InlineData("SAL")]
    [InlineData("IRP")]
    public void Labels_and_logits_come_back_voxel_by_voxel_when_only_the_order_differs(string order)
    {
        using var labels = Numbered(Reorientation.To(Oblique, Orientation.Parse(order)), classes: 5);
        using var image = ImageOf(labels);
        using var ready = new CasePreprocessor(KeepsSpacing, 1, 5).Prepare(image, labels);
        using var back = ready.Restore(ready.Labels!);
        using var logits = nn.functional.one_hot(ready.Labels!.Values.to(ScalarType.Int64), 5).permute(3, 0, 1, 2).to(ScalarType.Float32);
        using var backFromLogits = ready.Restore(logits);

        Assert.Equal(Orientation.Canonical, ready.Image.Geometry.Orientation);
        Assert.True(labels.Voxels().SequenceEqual(back.Voxels()));
        Assert.True(labels.Voxels().SequenceEqual(backFromLogits.Voxels()));
        Assert.Equal(image.Geometry, back.Geometry);
        Assert.Equal(image.Geometry, backFromLogits.Geometry);
    }

    [Theory]
    [InlineData(0, 1e-7)] // 9 voxels of 1 mm are 6 of 1.5 mm; of a hair more they would be 7.
    [InlineData(0.05, 0)]
    public void Labels_whose_header_is_rounded_in_another_way_lie_on_the_image(double shift, double longer)
    {
        var grid = Geometry.Create(9, 1);
        using var labels = Numbered(grid, classes: 5);
        using var image = ImageOf(labels);
        using var rounded = new LabelVolume(labels.Values.clone(), new Geometry(9, Affine.FromRows([1 + longer, 0, 0, shift, 0, 1 + longer, 0, 0, 0, 0, 1 + longer, 0])));
        var preprocessor = new CasePreprocessor(KeepsSpacing with { Spacing = 1.5 }, 1, 5);
        using var expected = preprocessor.Prepare(image, labels);

        using var ready = preprocessor.Prepare(image, rounded);
        image.Save(_folder.File("i.nii"));
        rounded.Save(_folder.File("l.nii"));
        using var opened = preprocessor.Open(new DatasetCase("a", [_folder.File("i.nii")], _folder.File("l.nii"), DatasetPart.Training));

        foreach (var one in new[] { ready, opened })
        {
            Assert.Equal(expected.Image.Geometry, one.Labels!.Geometry);
            Assert.True(expected.Labels!.Voxels().SequenceEqual(one.Labels.Voxels()));
        }

        using var apart = new LabelVolume(labels.Values.clone(), new Geometry(9, Affine.Translation(0.2)));
        Assert.Contains("Expected labels on the image's grid", Assert.Throws<ArgumentException>(() => preprocessor.Prepare(image, apart)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_voxel_keeps_its_place_in_the_world_and_image_and_labels_stay_together()
    {
        using var labels = Numbered(Reorientation.To(Oblique, Orientation.Parse("PIR")), classes: 504);
        using var image = ImageOf(labels);
        using var ready = new CasePreprocessor(KeepsSpacing with { Normalization = Normalization.Rescale01 }, 1, 504).Prepare(image, labels);
        var size = image.Geometry.Size;
        var readySize = ready.Image.Geometry.Size;
        int[] values = ready.Labels!.Voxels().ToArray();
        float[] intensities = ready.Image.Voxels().ToArray();
        for (var voxel = 0; voxel < size.Count; voxel += 17)
        {
            var world = image.Geometry.ToWorld(new(voxel / (size.Y * size.Z), voxel / size.Z % size.Y, voxel % size.Z));
            var at = ready.Image.Geometry.ToIndex(world);
            int found = ((int)Math.Round(at.X) * readySize.Y + (int)Math.Round(at.Y)) * readySize.Z + (int)Math.Round(at.Z);
            Assert.Equal(voxel, values[found]);
            Assert.Equal(voxel / 503.0, intensities[found], 5);
        }
    }

    [Fact]
    public void The_spacing_is_meant_along_the_body_whatever_the_order_of_the_file()
    {
        using var labels = Numbered(Reorientation.To(Geometry.Create(new(12, 12, 12), new(1, 2, 3)), Orientation.Parse("PIR")), classes: 1728);
        using var image = ImageOf(labels);
        using var ready = new CasePreprocessor(KeepsSpacing with { Spacing = new(2, 1.5, 1) }, 1, 1728).Prepare(image);

        Assert.Equal(new Size3(6, 16, 36), ready.Image.Geometry.Size);
        Assert.Equal(1.5, ready.Image.Geometry.Spacing.Y, 9);
        Assert.Null(ready.Labels);
    }

    [Theory]
    [InlineData("RAS")]
    [InlineData("PIR")]
    public void After_another_spacing_predictions_come_back_to_the_file_grid_nearly_unchanged(string order)
    {
        var grid = Reorientation.To(Geometry.Create(new(24, 20, 12), new(1, 1.2, 2.5)), Orientation.Parse(order));
        using var labels = Ball(grid, radius: 8);
        using var image = ImageOf(labels);
        using var ready = new CasePreprocessor(KeepsSpacing with { Spacing = 1.5 }, 1, 2).Prepare(image, labels);
        using var back = ready.Restore(ready.Labels!);
        using var logits = 20 * ready.Labels!.Values.to(ScalarType.Float32).unsqueeze(0) - 10;
        using var backFromLogits = ready.Restore(logits);

        Assert.Equal(image.Geometry, back.Geometry);
        Assert.Equal(image.Geometry, backFromLogits.Geometry);
        Assert.InRange(Dice(labels, back), 0.9, 1);
        Assert.InRange(Dice(labels, backFromLogits), 0.9, 1);
    }

    [Fact]
    public void Probabilities_are_interpolated_not_labels()
    {
        // Two voxels of 2 mm become four of 1 mm; the first class is barely sure, the second very: the border moves by one voxel.
        using var image = new Volume(tensor(new float[] { 1, 2, 3, 4 }).view(1, 4, 1, 1), Geometry.Create(new(4, 1, 1), new(1, 1, 1)));
        using var ready = new CasePreprocessor(KeepsSpacing with { Spacing = new(2, 1, 1) }, 1, 2).Prepare(image);
        using var logits = tensor(new float[] { -0.2f, 9 }).view(1, 2, 1, 1);

        using var back = ready.Restore(logits);

        Assert.Equal([0, 1, 1, 1], back.Voxels().ToArray());
    }

    [Fact]
    public void A_network_sees_a_small_case_amid_the_values_of_outside_and_its_logits_are_cut_back()
    {
        using var image = new Volume(tensor(new float[] { 0, 2, 4, 6 }).view(1, 4, 1, 1), Geometry.Create(new(4, 1, 1), 1));
        using var ready = new CasePreprocessor(new PreprocessingOptions(), 1, 2).Prepare(image);
        float[] seen = [];

        using var logits = ready.Predict(input =>
        {
            Assert.Equal([1, 1, 7, 1, 1], input.shape);
            seen = input.data<float>().ToArray();
            return cat([input, -input], 1);
        }, new(7, 1, 1));

        Assert.Equal([-2f, -2, -1, 0, 1, -2, -2], seen);
        Assert.Equal([2, 4, 1, 1], logits.shape);
        Assert.Equal([-2f, -1, 0, 1], logits[0].contiguous().data<float>().ToArray());
        Assert.Throws<ArgumentException>(() => ready.Predict(input => input.narrow(2, 0, 2), new(7, 1, 1)));
    }

    [Fact]
    public void Logits_of_another_grid_are_refused()
    {
        using var labels = Numbered(Oblique, 2);
        using var image = ImageOf(labels);
        using var ready = new CasePreprocessor(KeepsSpacing, 1, 2).Prepare(image, id: "kim");
        using var logits = zeros(2, 9, 8, 6);

        Assert.Contains("Expected logits [K, 9, 8, 7] on the grid of kim, got [2, 9, 8, 6]",
            Assert.Throws<ArgumentException>(() => ready.Restore(logits)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Outside_is_what_zero_became_after_the_z_score_over_positive_voxels()
    {
        using var image = new Volume(tensor(new float[] { 0, 2, 4, 6 }).view(1, 4, 1, 1), Geometry.Create(new(4, 1, 1), 1));
        using var ready = new CasePreprocessor(new PreprocessingOptions(), 1, 2).Prepare(image);

        // Mean 4, deviation 2 (N - 1) over the three positive voxels.
        Assert.Equal(-2, ready.OutsideValues.Single(), 5);
        Assert.Equal([-2f, -1, 0, 1], ready.Image.Voxels().ToArray());
    }

    [Theory]
    [InlineData(Normalization.ZScore)]
    [InlineData(Normalization.Rescale01)]
    [InlineData(Normalization.CtClip)]
    public void Outside_is_the_lowest_value_for_the_other_normalisations_also_where_resampling_rounds_the_size_up(Normalization normalization)
    {
        var statistics = IntensityStatistics.Of([-1000, 0, 100]);
        using var image = new Volume(tensor(new float[] { -1000, 40, 60, 80, 100 }).view(1, 5, 1, 1), Geometry.Create(new(5, 1, 1), 1));
        using var ready = new CasePreprocessor(
            new PreprocessingOptions { Normalization = normalization, Spacing = new(4, 1, 1), Statistics = [statistics] }, 1, 2).Prepare(image);

        // Two voxels of 4 mm; the centre of the second, at 6 mm, lies outside the 5 mm of the image.
        float[] values = ready.Image.Voxels().ToArray();
        Assert.Equal(2, values.Length);
        Assert.True(values[1] < values[0]);
        Assert.Equal(values[1], ready.OutsideValues.Single());
    }

    [Fact]
    public void Ct_normalisation_without_statistics_is_refused()
    {
        Assert.Contains("DatasetStatistics.Of", Assert.Throws<ArgumentException>(
            () => new CasePreprocessor(new PreprocessingOptions { Normalization = Normalization.CtClip }, 1, 2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_on_another_grid_are_refused_with_both_grids()
    {
        using var labels = Numbered(Geometry.Create(new(4, 4, 4), 2), 2);
        using var image = ImageOf(labels);
        using var moved = new LabelVolume(labels.Values.clone(), new Geometry(new(4, 4, 4), Affine.Translation(new(0, 0, 1)).After(labels.Geometry.Affine)));
        var one = Saved(image, moved);

        string message = Assert.Throws<InvalidDataException>(() => new CasePreprocessor(KeepsSpacing, 1, 2).Open(one).Dispose()).Message;

        Assert.StartsWith(one.LabelPath!, message, StringComparison.Ordinal);
        Assert.Contains("(4x4x4, 2x2x2 mm, RAS from (0, 0, 1))", message, StringComparison.Ordinal);
        Assert.Contains($"{one.ImagePaths[0]} (4x4x4, 2x2x2 mm, RAS from (0, 0, 0))", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_that_are_no_classes_are_refused_and_counted()
    {
        using var labels = Numbered(Geometry.Create(new(4, 4, 4), 2), 2);
        using var image = ImageOf(labels);
        labels.Voxels()[5] = 7;
        labels.Voxels()[6] = 7;
        labels.Voxels()[9] = 3;
        var one = Saved(image, labels);

        string message = Assert.Throws<InvalidDataException>(() => new CasePreprocessor(KeepsSpacing, 1, 3).Open(one).Dispose()).Message;

        Assert.Contains("expected labels 0 to 2 as in dataset.json, got also 3 (1 voxels), 7 (2 voxels)", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_that_cannot_be_normalised_or_has_other_channels_is_refused_with_its_path()
    {
        using var labels = Numbered(Geometry.Create(new(4, 4, 4), 2), 2);
        using var empty = new Volume(zeros(1, 4, 4, 4), labels.Geometry);
        var one = Saved(empty, labels);

        Assert.StartsWith(one.ImagePaths[0], Assert.Throws<InvalidDataException>(
            () => new CasePreprocessor(new PreprocessingOptions(), 1, 2).Open(one).Dispose()).Message, StringComparison.Ordinal);
        Assert.Contains("expected 2 channel(s) as the data set has, got 1", Assert.Throws<InvalidDataException>(
            () => new CasePreprocessor(KeepsSpacing, 2, 2).Open(one).Dispose()).Message, StringComparison.Ordinal);
        empty.Voxels()[3] = float.NaN;
        Assert.Contains("finite", Assert.Throws<ArgumentException>(
            () => new CasePreprocessor(KeepsSpacing, 1, 2).Prepare(empty).Dispose()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Preparing_and_restoring_leaves_no_tensor_behind()
    {
        using var labels = Ball(Reorientation.To(Geometry.Create(new(10, 9, 8), 1), Orientation.Parse("LPS")), 3);
        using var image = ImageOf(labels);
        using var logits = zeros(3, 7, 6, 6);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var ready = new CasePreprocessor(KeepsSpacing with { Spacing = 1.5 }, 1, 2).Prepare(image, labels))
        {
            Assert.Equal(before + 2, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            ready.Restore(logits).Dispose();
            ready.Predict(input => input.alias(), 12).Dispose();
            ready.Restore(ready.Labels!).Dispose();
            Assert.Equal(before + 2, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_synthetic_data_set_goes_from_files_to_batches()
    {
        var options = new SyntheticAnatomyOptions { Size = new(24, 20, 12), TrainingCases = 4, TestCases = 1, Seed = 5 };
        string root = _folder.File("torsos");
        var manifest = SyntheticAnatomy.Write(root, options);

        var statistics = DatasetStatistics.Of(manifest, [.. manifest.TrainingCases]);
        var preprocessor = new CasePreprocessor(
            new PreprocessingOptions { Spacing = 14, Normalization = Normalization.CtClip, Statistics = statistics }, manifest);
        using var store = new CaseStore([.. manifest.TrainingCases], preprocessor.Open);
        using var batch = new PatchBatchSource(store, new PatchOptions { PatchSize = 16, ForegroundFraction = 1 }, new RandomFlipOptions(), 4, 1).BatchAt(0);

        Assert.Equal(["CT"], manifest.ChannelNames);
        Assert.Equal(SyntheticAnatomy.ClassNames, manifest.ClassNames);
        Assert.Equal((4, 1), (manifest.TrainingCases.Count(), manifest.TestCases.Count(one => one.LabelPath is not null)));
        Assert.InRange(statistics.Single().Mean, 50, 250);
        Assert.Equal(4, batch.CaseIds.Distinct().Count());
        Assert.True(batch.Labels.gt(0).any().ToBoolean());
        for (var index = 0; index < 4; index++)
        {
            var (image, labels) = SyntheticAnatomy.Make(options, index);
            using IDisposable both = new Owned(image, labels);
            using var saved = LabelVolume.Open(manifest.Cases[index].LabelPath!);
            Assert.True(labels.Voxels().SequenceEqual(saved.Voxels()));
            Assert.True(labels.Geometry.Matches(saved.Geometry));
        }

        Assert.Contains("is not empty", Assert.Throws<InvalidDataException>(() => SyntheticAnatomy.Write(root, options)).Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("data/dataset_nnunet")]
    [InlineData("data/dataset_msd")]
    public void Every_hippocampus_case_opens_with_the_listed_size_and_voxels_per_class(string folder)
    {
        string root = Repository.Shared(folder);
        using var listed = JsonDocument.Parse(File.ReadAllText(Path.Combine(root, "cases.json")));
        var manifest = DatasetManifest.Open(root);
        var preprocessor = new CasePreprocessor(new PreprocessingOptions(), manifest);
        foreach (var entry in listed.RootElement.GetProperty("training").EnumerateArray())
        {
            using var ready = preprocessor.Open(manifest[entry.GetProperty("id").GetString()!]);
            int[] shape = [.. entry.GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt32())];
            Assert.Equal(new Size3(shape[0], shape[1], shape[2]), ready.Source.Size);
            int[] labels = ready.Labels!.Voxels().ToArray();
            Assert.Equal(entry.GetProperty("voxels_anterior").GetInt32(), labels.Count(value => value == 1));
            Assert.Equal(entry.GetProperty("voxels_posterior").GetInt32(), labels.Count(value => value == 2));
        }
    }

    private DatasetCase Saved(Volume image, LabelVolume labels)
    {
        image.Save(_folder.File("a_0000.nii.gz"));
        labels.Save(_folder.File("a.nii.gz"));
        return new DatasetCase("a", [_folder.File("a_0000.nii.gz")], _folder.File("a.nii.gz"), DatasetPart.Training);
    }

    private static LabelVolume Numbered(Geometry grid, int classes) =>
        new(arange(grid.Size.Count, ScalarType.Int32).remainder(classes).to(ScalarType.Int32).reshape(grid.Size.ToArray()), grid);

    private static Volume ImageOf(LabelVolume labels) =>
        new(labels.Values.to(ScalarType.Float32).unsqueeze(0).clone(), labels.Geometry);

    private static LabelVolume Ball(Geometry grid, double radius)
    {
        var labels = new LabelVolume(zeros(grid.Size.ToArray(), ScalarType.Int32), grid);
        var middle = grid.ToWorld(new((grid.Size.X - 1) / 2.0, (grid.Size.Y - 1) / 2.0, (grid.Size.Z - 1) / 2.0));
        for (var voxel = 0; voxel < grid.Size.Count; voxel++)
        {
            var at = grid.ToWorld(new(voxel / (grid.Size.Y * grid.Size.Z), voxel / grid.Size.Z % grid.Size.Y, voxel % grid.Size.Z));
            double squared = Math.Pow(at.X - middle.X, 2) + Math.Pow(at.Y - middle.Y, 2) + Math.Pow(at.Z - middle.Z, 2);
            labels.Voxels()[voxel] = squared < radius * radius ? 1 : 0;
        }

        return labels;
    }

    private static double Dice(LabelVolume one, LabelVolume other)
    {
        int[] first = one.Voxels().ToArray(), second = other.Voxels().ToArray();
        return 2.0 * first.Zip(second).Count(pair => pair.First == 1 && pair.Second == 1) / (first.Count(value => value == 1) + second.Count(value => value == 1));
    }
}
