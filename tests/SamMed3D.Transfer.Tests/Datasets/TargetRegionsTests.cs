namespace SamMed3D.Transfer.Tests;

public sealed class TargetRegionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_region_is_cut_and_normalised_as_the_published_inference_does()
    {
        using var cases = Cases();
        var regions = new TargetRegions(cases, 12, minimumVoxels: 5);
        Assert.NotEmpty(regions.Targets);
        foreach (var target in regions.Targets)
        {
            using var scope = NewDisposeScope();
            var one = cases[target.CaseIndex];
            using var only = new LabelVolume((one.Labels!.Values == target.Label).to(ScalarType.Int32), one.Labels.Geometry);
            var window = CropOrPad.AroundLabels(only, 12);
            using var cut = window.Apply(one.Image);
            using var expected = IntensityNormalization.ZScoreOverPositive(cut);
            using var expectedLabels = window.Apply(only);
            var (image, labels) = regions.Cut(target);
            Assert.True(image.equal(expected.Values).all().item<bool>());
            Assert.True(labels[0].equal(expectedLabels.Values.to(ScalarType.Int64)).all().item<bool>());
            Assert.Equal(target.VoxelCount, only.Values.sum().item<long>());
        }
    }

    [Fact]
    public void Small_targets_are_left_out_and_counted()
    {
        using var cases = Cases();
        int all = new TargetRegions(cases, 12, minimumVoxels: 1).Targets.Count;
        var large = new TargetRegions(cases, 12, minimumVoxels: 30);
        Assert.InRange(large.Targets.Count, 1, all - 1);
        Assert.Equal(all, large.Targets.Count + large.LeftOut);
        Assert.All(large.Targets, target => Assert.True(target.VoxelCount >= 30));
    }

    [Fact]
    public void Batches_are_a_function_of_seed_and_step_show_their_targets_and_leave_nothing_behind()
    {
        using var cases = Cases();
        var source = new TargetBatchSource(new TargetRegions(cases, 12, 5), maximumShift: 6, new RandomFlipOptions { Axes = [0, 1, 2] }, batchSize: 3, seed: 7, AugmentationPreset.Standard);
        using (source.BatchAt(0))
        {
        }

        long before = LiveTensors.Before();
        using (var first = source.BatchAt(5))
        {
            Assert.Equal([3, 1, 12, 12, 12], first.Images.shape);
            using var again = source.BatchAt(5);
            using var other = source.BatchAt(6);
            using var scope = NewDisposeScope();
            Assert.True(first.Images.equal(again.Images).all().item<bool>());
            Assert.NotEqual(first.CaseIds, other.CaseIds);
            Assert.True(first.Labels.flatten(1).any(1).all().item<bool>());
        }

        Assert.Equal(before, LiveTensors.Now);
    }

    [Fact]
    public void A_region_between_two_parts_of_a_target_moves_to_the_nearest_voxel()
    {
        using var image = new Volume(rand([1, 40, 12, 12], generator: new Generator(5)) + 1, Geometry.Create(new(40, 12, 12), 1));
        using var labels = new LabelVolume(zeros([40, 12, 12], ScalarType.Int32), image.Geometry);
        labels.Values[TensorIndex.Slice(2, 6), TensorIndex.Slice(3, 7), TensorIndex.Slice(3, 7)] = 1;
        labels.Values[TensorIndex.Slice(30, 38), TensorIndex.Slice(3, 7), TensorIndex.Slice(3, 7)] = 1; // The nearer one.
        labels.Values[TensorIndex.Slice(10, 30), 8, 8] = 2; // As wide as a region, but in its middle.
        image.Save(_folder.File("i.nii"));
        labels.Save(_folder.File("l.nii"));
        var preprocessor = new CasePreprocessor(new PreprocessingOptions { Normalization = Normalization.None }, 1, 3);
        using var cases = new CaseStore([new DatasetCase("a", [_folder.File("i.nii")], _folder.File("l.nii"), DatasetPart.Training)], preprocessor.Open);

        var regions = new TargetRegions(cases, 12, minimumVoxels: 5);

        Assert.Equal([new VoxelIndex(30, 4, 4), null], regions.Targets.Select(target => target.Anchor));
        foreach (var target in regions.Targets)
        {
            using var scope = NewDisposeScope();
            var (_, cut) = regions.Cut(target);
            Assert.True(cut.any().item<bool>());
            var source = new TargetBatchSource(regions, maximumShift: 5, new RandomFlipOptions(), batchSize: 2, seed: 3);
            for (var step = 0; step < 10; step++)
            {
                using var batch = source.BatchAt(step);
                Assert.True(batch.Labels.amax([1, 2, 3, 4]).eq(1).all().item<bool>());
            }
        }
    }

    private CaseStore Cases()
    {
        string data = _folder.File("data");
        var manifest = Directory.Exists(data)
            ? DatasetManifest.Open(data)
            : SyntheticAnatomy.Write(data, new SyntheticAnatomyOptions { TrainingCases = 3, TestCases = 1, Size = new(24, 24, 16) });
        var preprocessor = new CasePreprocessor(new PreprocessingOptions { Spacing = new Double3(14, 14, 14), Normalization = Normalization.None }, manifest);
        return new CaseStore([.. manifest.TrainingCases], preprocessor.Open);
    }
}
