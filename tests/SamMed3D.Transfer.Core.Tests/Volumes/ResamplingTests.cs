namespace SamMed3D.Transfer.Tests;

public sealed class ResamplingTests
{
    private static readonly string[] s_codes = ["RAS", "LPS", "PIR", "SAL", "IPR", "LSA"];

    [Fact]
    public void Reordered_voxels_keep_their_places()
    {
        using Volume volume = Ramp(new(3, 4, 5), new(1, 2, 3));
        foreach (string code in s_codes)
        {
            using Volume reordered = Reorientation.To(volume, Orientation.Parse(code));
            Assert.Equal(code, reordered.Geometry.Orientation.Code);
            Size3 size = reordered.Geometry.Size;
            for (int x = 0; x < size.X; x++)
                for (int y = 0; y < size.Y; y++)
                    for (int z = 0; z < size.Z; z++)
                        Assert.Equal(Expected(reordered.Geometry.ToWorld(new(x, y, z))), reordered.Voxels()[(x * size.Y + y) * size.Z + z], 1e-3);
        }
    }

    [Fact]
    public void Any_reordering_is_undone_by_the_way_back()
    {
        using Volume volume = Ramp(new(3, 4, 5), new(1, 2, 3));
        foreach (string there in s_codes)
            foreach (string further in s_codes)
            {
                using Volume first = Reorientation.To(volume, Orientation.Parse(there));
                using Volume second = Reorientation.To(first, Orientation.Parse(further));
                using Volume back = Reorientation.To(second, Orientation.Canonical);
                Assert.Equal(volume.Voxels().ToArray(), back.Voxels().ToArray());
                Assert.True(back.Geometry.Matches(volume.Geometry, 1e-9));
            }
    }

    [Fact]
    public void A_canonical_volume_is_copied_not_shared()
    {
        using Volume volume = Ramp(new(2, 2, 2), 1);
        Volume same = Reorientation.ToCanonical(volume);
        same.Values.zero_();
        same.Dispose();
        Assert.NotEqual(0, volume.Voxels()[7]);
    }

    [Fact]
    public void Linear_resampling_keeps_a_linear_image_and_its_places()
    {
        using Volume volume = Ramp(new(10, 12, 14), new(1, 2, 3));
        using Volume resampled = Resampler.ToSpacing(volume, new(1.5, 1.25, 2));
        Assert.Equal(new Size3(7, 20, 21), resampled.Geometry.Size);
        using Volume elsewhere = GridResampler.ToGrid(volume, resampled.Geometry);
        Size3 size = resampled.Geometry.Size;
        int inside = 0;
        for (int x = 0; x < size.X; x++)
            for (int y = 0; y < size.Y; y++)
                for (int z = 0; z < size.Z; z++)
                {
                    int voxel = (x * size.Y + y) * size.Z + z;
                    // Beyond the outermost centres the edge value counts.
                    if (volume.Geometry.ToIndex(resampled.Geometry.ToWorld(new(x, y, z))) is not { X: >= 0 and <= 9, Y: >= 0 and <= 11, Z: >= 0 and <= 13 })
                        continue;
                    inside++;
                    Assert.Equal(Expected(resampled.Geometry.ToWorld(new(x, y, z))), resampled.Voxels()[voxel], 1e-3);
                    Assert.Equal(resampled.Voxels()[voxel], elsewhere.Voxels()[voxel], 1e-3);
                }
        Assert.True(inside > size.Count / 2);
    }

    [Fact]
    public void The_right_spacing_changes_nothing_even_with_the_rounding_of_a_header()
    {
        using Volume volume = Ramp(new(5, 5, 5), (double)1.1f);
        using Volume same = Resampler.ToSpacing(volume, 1.1);
        Assert.Equal(volume.Geometry, same.Geometry);
        Assert.Equal(volume.Voxels().ToArray(), same.Voxels().ToArray());
    }

    [Fact]
    public void Only_a_spacing_above_zero_is_possible()
    {
        using Volume volume = Ramp(new(2, 2, 2), 1);
        Assert.Contains("got 1x0x1", Assert.Throws<ArgumentException>(() => Resampler.ToSpacing(volume, new(1, 0, 1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_come_back_unchanged_from_a_finer_grid()
    {
        using LabelVolume labels = RandomLabels(new(6, 7, 8), new(1, 2, 3), classes: 4);
        using LabelVolume fine = Resampler.ToSpacing(labels, new(0.5, 0.5, 0.5));
        using LabelVolume reordered = Reorientation.To(fine, Orientation.Parse("PIR"));
        using LabelVolume back = GridResampler.ToGrid(reordered, labels.Geometry);
        Assert.Equal(labels.Voxels().ToArray(), back.Voxels().ToArray());
    }

    [Fact]
    public void What_lies_outside_is_background()
    {
        using var labels = new LabelVolume(ones([2, 2, 2], ScalarType.Int32), Geometry.Create(2, 1));
        var target = new Geometry(new(6, 2, 2), Affine.Translation(new(-2, 0, 0)));
        using LabelVolume there = GridResampler.ToGrid(labels, target);
        Assert.Equal([0, 0, 1, 1, 0, 0], Enumerable.Range(0, 6).Select(x => there.Voxels()[4 * x]));
    }

    [Fact]
    public void The_class_with_the_highest_interpolated_score_wins()
    {
        using Tensor scores = tensor([1f, 1f, 0.2f, 0f, 0f, 0.9f], [2, 3, 1, 1]);
        using var volume = new Volume(scores.clone(), Geometry.Create(new(3, 1, 1), 1));
        var target = new Geometry(new(8, 1, 1), Affine.Translation(new(-1, 0, 0)).After(Affine.Scaling(new(0.5, 1, 1))));
        using LabelVolume classes = GridResampler.ClassesOnGrid(volume, target);
        // Places -1 to 2.5 mm; at 1.5 the scores are 0.6 and 0.45; 2.5 is outside.
        Assert.Equal([0, 0, 0, 0, 0, 0, 1, 0], classes.Voxels().ToArray());
    }

    [Fact]
    public void Nothing_is_leaked()
    {
        using Volume volume = Ramp(new(5, 4, 3), new(1, 2, 3));
        using var labels = new LabelVolume(ones([5, 4, 3], ScalarType.Int32), volume.Geometry);
        long before = LiveTensors.Before();
        Reorientation.To(volume, Orientation.Parse("PIR")).Dispose();
        Resampler.ToSpacing(volume, 1.5).Dispose();
        Resampler.ToSpacing(labels, 1.5).Dispose();
        GridResampler.ToGrid(labels, volume.Geometry).Dispose();
        GridResampler.ClassesOnGrid(volume, volume.Geometry).Dispose();
        CropOrPad.AroundLabels(labels, 4).Apply(volume).Dispose();
        IntensityNormalization.ZScore(volume, labels).Dispose();
        Assert.Equal(before, LiveTensors.Now);
    }

    private static double Expected(Double3 place) => 2 * place.X - 3 * place.Y + 0.5 * place.Z + 7;

    private static Volume Ramp(Size3 size, Double3 spacing)
    {
        var volume = new Volume(zeros([1, .. size.ToArray()]), new Geometry(size, Affine.Translation(new(-4, 5, 6)).After(Affine.Scaling(spacing))));
        for (int x = 0, voxel = 0; x < size.X; x++)
            for (int y = 0; y < size.Y; y++)
                for (int z = 0; z < size.Z; z++, voxel++)
                    volume.Voxels()[voxel] = (float)Expected(volume.Geometry.ToWorld(new(x, y, z)));
        return volume;
    }

    private static LabelVolume RandomLabels(Size3 size, Double3 spacing, int classes)
    {
        var random = new Random(1);
        var labels = new LabelVolume(zeros(size.ToArray(), ScalarType.Int32), Geometry.Create(size, spacing));
        foreach (ref int voxel in labels.Voxels())
            voxel = random.Next(classes);
        return labels;
    }
}
