namespace SamMed3D.Transfer.Tests;

public sealed class MetaImageFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_channels_of_a_voxel_lie_together()
    {
        using Volume volume = Open(["NDims = 3", "DimSize = 3 1 2", "ElementNumberOfChannels = 2"], data: "0 100 1 101 2 102 10 110 11 111 12 112");
        Assert.Equal([0f, 10, 1, 11, 2, 12], volume.Voxels(0).ToArray());
        Assert.Equal([100f, 110, 101, 111, 102, 112], volume.Voxels(1).ToArray());
    }

    [Theory]
    [InlineData("TransformMatrix = 1 0 0 0 1 0 0 0 1", true)]
    [InlineData("AnatomicalOrientation = RAI", true)]
    [InlineData("AnatomicalOrientation = LPI", false)]
    [InlineData("ElementSpacing = 2 3 4", false)]
    public void A_header_that_does_not_say_which_way_its_axes_run_is_in_doubt(string line, bool isClear)
    {
        using (Open(["NDims = 3", "DimSize = 3 1 2", line], data: "1 2 3 4 5 6"))
        {
        }

        Assert.Equal(isClear, VolumeSource.Open(_folder.File("file")).PlacementDoubt is null);
    }

    [Fact]
    public void A_fourth_axis_becomes_channels()
    {
        using Volume volume = Open(["NDims = 4", "DimSize = 1 1 2 2", "ElementSpacing = 2 3 4 1", "Offset = 10 20 30 0"], data: "1 2 3 4");
        Assert.Equal([3f, 4], volume.Voxels(1).ToArray());
        Assert.Equal(new Affine(new(-2, 0, 0, -10), new(0, -3, 0, -20), new(0, 0, 4, 30)), volume.Geometry.Affine);
    }

    [Fact]
    public void A_single_slice_is_a_volume_of_one_slice()
    {
        using Volume volume = Open(["NDims = 2", "DimSize = 2 1", "ElementSpacing = 2 3"], data: "1 2");
        Assert.Equal(new Size3(2, 1, 1), volume.Geometry.Size);
        Assert.Equal(new Double3(2, 3, 1), volume.Geometry.Spacing);
    }

    [Fact]
    public void Labels_keep_their_values_and_their_small_type()
    {
        using Tensor values = tensor([0, 3, 255, 1, 0, 1], [1, 2, 3], ScalarType.Int32);
        using var labels = new LabelVolume(values.clone(), Geometry.Create(new(1, 2, 3), 1));
        foreach (string ending in (string[])[".mha", ".mhd", ".nrrd", ".nhdr"])
        {
            string path = _folder.File("labels" + ending);
            labels.Save(path);
            Assert.Contains("UInt8", VolumeSource.Open(path).Format, StringComparison.Ordinal);
            using LabelVolume read = LabelVolume.Open(path);
            Assert.Equal(labels.Voxels().ToArray(), read.Voxels().ToArray());
        }
    }

    [Fact]
    public void A_multi_channel_image_and_its_place_survive_writing()
    {
        var geometry = new Geometry(new(5, 4, 3), Affine.FromRows([0.1, -1.2, 0.3, 1.0 / 3, 1.1, 0.2, 0.1, 7, 0, 0.3, 2.7, -50]));
        using var volume = new Volume(randn([3, 5, 4, 3], ScalarType.Float32), geometry);
        foreach (string name in (string[])["mit ümläut.mha", "mit ümläut.mhd"])
        {
            volume.Save(_folder.File(name));
            using Volume read = Volume.Open(_folder.File(name));
            Assert.True(read.Geometry.Matches(geometry, 1e-12));
            Assert.True(read.Values.equal(volume.Values).all().item<bool>());
        }
    }

    [Theory]
    [InlineData("NDims = 5", "NDims is 5")]
    [InlineData("NDims = three", "expected a whole number")]
    [InlineData("DimSize = 1 1", "2 numbers, expected 3")]
    [InlineData("DimSize = 1 1 -1", "at least 1")]
    [InlineData("ElementType = MET_UCHAR_ARRAY", "MET_UCHAR_ARRAY")]
    [InlineData("ElementNumberOfChannels = 0", "at least 1")]
    [InlineData("ElementNumberOfChannels = 4611686018427387904", "too large")]
    [InlineData("TransformMatrix = 1 0 0 0 1 0 0 1 0", "singular")]
    [InlineData("TransformMatrix = 1 0 0 0 1 0 0 0 NaN", "not finite")]
    [InlineData("ElementSpacing = 1 1", "2 numbers, expected 3")]
    [InlineData("ElementToIntensityFunctionSlope = 2", "slope 2")]
    [InlineData("HeaderSize = -2", "HeaderSize is -2")]
    [InlineData("BinaryData = maybe", "expected True or False")]
    [InlineData("ObjectType = Mesh", "expected Image")]
    [InlineData("ElementDataFile = LIST", "several files")]
    [InlineData("ElementDataFile = slice%03d.raw 1 3 1", "several files")]
    [InlineData("ElementDataFile = ../x.raw", "outside the folder")]
    [InlineData("nonsense", "no 'key = value'")]
    public void A_header_that_makes_no_sense_is_refused_in_one_line(string line, string reason)
    {
        string message = Assert.Throws<InvalidDataException>(() => Open([line], data: "1")).Message;
        Assert.StartsWith(_folder.File("file"), message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    private Volume Open(string[] lines, string data)
    {
        string[] given = ["ObjectType = Image", "NDims = 3", "DimSize = 1 1 1", "BinaryData = False", "ElementType = MET_UCHAR", "ElementDataFile = LOCAL"];
        string[] keys = [.. lines.Select(line => line.Split('=')[0])];
        string[] header = [.. lines.Where(line => !line.StartsWith("ElementDataFile", StringComparison.Ordinal)),
            .. given[..^1].Where(line => !keys.Contains(line.Split('=')[0])), lines.FirstOrDefault(line => line.StartsWith("ElementDataFile", StringComparison.Ordinal)) ?? given[^1]];
        // The file must begin like a MetaImage to be taken for one.
        return Volume.Open(_folder.Write("file", "Comment = made for a test\n" + string.Join('\n', header) + $"\n{data}\n"));
    }
}
