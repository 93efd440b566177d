namespace SamMed3D.Transfer.Tests;

public sealed class CropOrPadTests
{
    [Theory]
    [InlineData(10, 3, 5, 4, 2)]   // box 3..5 (exclusive), even in even: centred
    [InlineData(10, 3, 6, 4, 2)]   // odd in even: the extra voxel comes after
    [InlineData(10, 3, 6, 5, 2)]
    [InlineData(10, 0, 1, 8, -4)]  // reaches beyond the start
    [InlineData(10, 9, 10, 8, 5)]  // and beyond the end
    public void The_window_is_centred_on_the_labels(int extent, int low, int high, int size, int begin)
    {
        using LabelVolume labels = Labels(extent, low, high);
        Assert.Equal([begin, begin, begin], CropOrPad.AroundLabels(labels, size).Begin);
    }

    [Theory]
    [InlineData(7, 4, 2)]
    [InlineData(6, 4, 1)]
    [InlineData(4, 7, -2)]
    [InlineData(4, 6, -1)]
    [InlineData(5, 5, 0)]
    public void Without_labels_the_first_side_takes_the_odd_voxel(int extent, int size, int begin)
    {
        using LabelVolume labels = Labels(extent, 0, 0);
        Assert.Equal([begin, begin, begin], CropOrPad.AroundLabels(labels, size).Begin);
    }

    [Fact]
    public void Voxels_keep_their_places_and_padding_is_zero()
    {
        using LabelVolume labels = Labels(6, 0, 2);
        CropOrPad window = CropOrPad.At(labels.Geometry, [-1, 1, 3], new(4, 9, 2));
        using LabelVolume cut = window.Apply(labels);
        Size3 size = cut.Geometry.Size;
        int label = 0;
        for (int x = 0; x < size.X; x++)
            for (int y = 0; y < size.Y; y++)
                for (int z = 0; z < size.Z; z++)
                {
                    Double3 source = labels.Geometry.ToIndex(cut.Geometry.ToWorld(new(x, y, z)));
                    Assert.Equal(new Double3(x - 1, y + 1, z + 3), source);
                    bool isLabel = source is { X: >= 0 and < 2, Y: >= 0 and < 2, Z: >= 0 and < 2 };
                    Assert.Equal(isLabel ? 1 : 0, cut.Voxels()[(x * size.Y + y) * size.Z + z]);
                    label += isLabel ? 1 : 0;
                }
        Assert.Equal(0, label);
        using LabelVolume all = CropOrPad.At(labels.Geometry, [-1, -1, -1], 8).Apply(labels);
        Assert.Equal(8, all.Voxels().ToArray().Sum());
    }

    [Fact]
    public void A_window_beside_the_grid_is_all_padding()
    {
        using LabelVolume labels = Labels(3, 0, 3);
        using LabelVolume cut = CropOrPad.At(labels.Geometry, [5, 0, 0], 3).Apply(labels);
        Assert.Equal(0, cut.Voxels().ToArray().Sum());
    }

    [Fact]
    public void A_volume_on_another_grid_is_refused()
    {
        using LabelVolume labels = Labels(3, 0, 1), others = Labels(4, 0, 1);
        var error = Assert.Throws<ArgumentException>(() => CropOrPad.AroundLabels(labels, 2).Apply(others));
        Assert.Equal("Expected a volume on the window's grid (3x3x3, 1x1x1 mm, RAS from (0, 0, 0)), got 4x4x4, 1x1x1 mm, RAS from (0, 0, 0).", error.Message);
    }

    private static LabelVolume Labels(int extent, int low, int high)
    {
        var labels = new LabelVolume(zeros([extent, extent, extent], ScalarType.Int32), Geometry.Create(extent, 1));
        for (int x = low; x < high; x++)
            for (int y = low; y < high; y++)
                for (int z = low; z < high; z++)
                    labels.Voxels()[(x * extent + y) * extent + z] = 1;
        return labels;
    }
}
