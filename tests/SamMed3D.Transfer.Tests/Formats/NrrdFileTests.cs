using System.Text;

namespace SamMed3D.Transfer.Tests;

public sealed class NrrdFileTests : IDisposable
{
    private const string Grid = "space: left-posterior-superior\nspace directions: (2,0,0) (0,3,0) (0,0,4)\nspace origin: (10,20,30)\n";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("left-posterior-superior", -1, -1)]
    [InlineData("LPS", -1, -1)]
    [InlineData("right-anterior-superior", 1, 1)]
    [InlineData("Left-Anterior-Superior", -1, 1)]
    [InlineData("LAS", -1, 1)]
    [InlineData("scanner-xyz", -1, -1)]
    public void The_space_says_how_coordinates_become_RAS(string space, int x, int y)
    {
        using Volume volume = Open(Grid.Replace("left-posterior-superior", space, StringComparison.Ordinal), "2 2 2", "1 2 3 4 5 6 7 8");
        Assert.Equal(new Affine(new(2 * x, 0, 0, 10 * x), new(0, 3 * y, 0, 20 * y), new(0, 0, 4, 30)), volume.Geometry.Affine);
        Assert.Equal([1f, 5, 3, 7, 2, 6, 4, 8], volume.Voxels().ToArray());
    }

    [Theory]
    [InlineData(Grid, null)]
    [InlineData("spacings: 2 3 4\n", "neither space nor space directions say which way the axes run;")]
    [InlineData("space: RAS\nspacings: 2 3 4\n", "no space directions say which way the axes run;")]
    [InlineData("space dimension: 3\nspace directions: (2,0,0) (0,3,0) (0,0,4)\n", "no space tells left from right;")]
    [InlineData("space: 3D-right-handed\nspace directions: (2,0,0) (0,3,0) (0,0,4)\n", "space 3D-right-handed does not tell left from right;")]
    public void A_header_that_does_not_tell_left_from_right_is_in_doubt(string lines, string? expected)
    {
        using (Open(lines, "2 2 2", "1 2 3 4 5 6 7 8"))
        {
        }

        string? doubt = VolumeSource.Open(_folder.File("file")).PlacementDoubt;
        Assert.Equal(expected, expected is null ? doubt : doubt?[..expected.Length]);
    }

    [Theory]
    [InlineData("2 3 1 2", "none (2,0,0) (0,3,0) (0,0,4)", 0)]
    [InlineData("3 2 1 2", "(2,0,0) none (0,3,0) (0,0,4)", 1)]
    [InlineData("3 1 2 2", "(2,0,0) (0,3,0) (0,0,4) none", 3)]
    public void An_axis_without_direction_becomes_channels_wherever_it_stands(string sizes, string directions, int channelAxis)
    {
        // Each number says its own place: 100 * channel + 10 * z + x.
        long[] extents = [.. sizes.Split(' ').Select(long.Parse)];
        var numbers = new List<long>();
        for (int index = 0; index < 12; index++)
        {
            var place = new long[4];
            long left = index;
            for (int axis = 0; axis < 4; axis++)
                (place[axis], left) = (left % extents[axis], left / extents[axis]);
            var spatial = place.Where((_, axis) => axis != channelAxis).ToArray();
            numbers.Add(100 * place[channelAxis] + 10 * spatial[2] + spatial[0]);
        }
        using Volume volume = Open(Grid.Replace("(2,0,0) (0,3,0) (0,0,4)", directions, StringComparison.Ordinal), sizes, string.Join(' ', numbers), 4);
        Assert.Equal(2, volume.Channels);
        Assert.Equal(new Size3(3, 1, 2), volume.Geometry.Size);
        Assert.Equal([0f, 10, 1, 11, 2, 12], volume.Voxels(0).ToArray());
        Assert.Equal([100f, 110, 101, 111, 102, 112], volume.Voxels(1).ToArray());
    }

    [Fact]
    public void Without_directions_the_kinds_say_what_is_a_channel()
    {
        using Volume volume = Open("kinds: vector domain domain domain\nspacings: nan 2 3 4\n", "2 1 1 2", "1 2 3 4", 4);
        Assert.Equal([1f, 3], volume.Voxels(0).ToArray());
        Assert.Equal([2f, 4], volume.Voxels(1).ToArray());
        Assert.Equal(new Double3(2, 3, 4), volume.Geometry.Spacing);
    }

    [Fact]
    public void A_time_axis_of_a_space_with_time_becomes_channels()
    {
        using Volume volume = Open(
            "space: left-posterior-superior-time\nspace directions: (2,0,0,0) (0,3,0,0) (0,0,4,0) (0,0,0,1)\nspace origin: (0,0,0,0)\n", "1 1 2 2", "1 2 3 4", 4);
        Assert.Equal([3f, 4], volume.Voxels(1).ToArray());
    }

    [Fact]
    public void A_single_slice_gets_the_third_axis_that_is_across()
    {
        using Volume volume = Open(Grid.Replace("(2,0,0) (0,3,0) (0,0,4)", "(0,2,0) (0,0,3)", StringComparison.Ordinal), "2 1", "1 2", 2);
        Assert.Equal(new Size3(2, 1, 1), volume.Geometry.Size);
        Assert.Equal("PSL", volume.Geometry.Orientation.Code);
    }

    [Fact]
    public void Units_of_length_are_applied()
    {
        using Volume volume = Open(Grid + "space units: \"cm\" \"cm\" \"cm\"\n", "1 1 1", "1");
        Assert.Equal(new Double3(20, 30, 40), volume.Geometry.Spacing);
        Assert.Equal(-100, volume.Geometry.Affine.Origin.X);
    }

    [Theory]
    [InlineData("00010002", "big", new[] { 1f, 2 })]
    [InlineData("01 00\n0200", "little", new[] { 1f, 2 })]
    public void Hexadecimal_data_is_read_in_its_byte_order(string data, string endian, float[] expected)
    {
        using Volume volume = Open(Grid + $"endian: {endian}\n", "2 1 1", data, type: "int16", encoding: "hex");
        Assert.Equal(expected, volume.Voxels().ToArray());
    }

    [Theory]
    [InlineData("encoding: bzip2", "encoding is bzip2")]
    [InlineData("encoding: zrl", "unsupported encoding 'zrl'")]
    [InlineData("type: block", "unsupported type 'block'")]
    [InlineData("space: 3D-left-handed", "does not tell left from right")]
    [InlineData("space: somewhere", "unknown space 'somewhere'")]
    [InlineData("space directions: (1,0,0) (0,1,0)", "2 entries, expected 3")]
    [InlineData("space directions: (1,0,0) (0,1,0) (0,1,0)", "singular")]
    [InlineData("space directions: (1,0) (0,1) (0,0)", "vector of 2 numbers, expected 3")]
    [InlineData("space directions: (1,0,0 (0,1,0) (0,0,1)", "expected numbers")]
    [InlineData("space directions: (nan,0,0) (0,1,0) (0,0,1)", "not finite")]
    [InlineData("sizes: 1 1", "2 entries, expected 3")]
    [InlineData("sizes: 1 1 x", "expected numbers")]
    [InlineData("sizes: 1 1 0", "at least 1")]
    [InlineData("sizes: 1 1 1.5", "whole numbers")]
    [InlineData("dimension: 99", "dimension is 99")]
    [InlineData("byte skip: -1", "byte skip of -1")]
    [InlineData("data file: LIST", "several files")]
    [InlineData("data file: /etc/hostname", "outside the folder")]
    [InlineData("data file: a\0b", "outside the folder")]
    [InlineData("spaec: LPS", "unknown header field 'spaec'")]
    [InlineData("nonsense", "no 'field: value'")]
    public void A_header_that_makes_no_sense_is_refused_in_one_line(string line, string reason)
    {
        string field = line.Split(':')[0];
        string[] header = [.. $"NRRD0004\ntype: uint8\ndimension: 3\nsizes: 1 1 1\nencoding: ascii\n{Grid}".TrimEnd().Split('\n').Where(one => one.Split(':')[0] != field), line];
        string path = _folder.Write("bad.nrrd", string.Join('\n', header) + "\n\n1\n");
        string message = Assert.Throws<InvalidDataException>(() => VolumeSource.Open(path).ReadVolume()).Message;
        Assert.StartsWith(path, message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("1 2", "expected 3 numbers, got 2")]
    [InlineData("1 2 three", "'three'")]
    public void Text_data_that_is_short_or_no_number_is_refused(string data, string reason)
    {
        string message = Assert.Throws<InvalidDataException>(() => Open(Grid, "3 1 1", data.PadRight(8))).Message;
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_multi_channel_image_and_its_place_survive_writing_bit_by_bit()
    {
        var geometry = new Geometry(new(5, 4, 3), Affine.FromRows([0.1, -1.2, 0.3, 1.0 / 3, 1.1, 0.2, 0.1, 7, 0, 0.3, 2.7, -50]));
        using var volume = new Volume(randn([3, 5, 4, 3], ScalarType.Float32), geometry);
        foreach (string name in (string[])["mit ümläut.nrrd", "mit ümläut.nhdr"])
        {
            volume.Save(_folder.File(name));
            using Volume read = Volume.Open(_folder.File(name));
            Assert.Equal(geometry, read.Geometry);
            Assert.True(read.Values.equal(volume.Values).all().item<bool>());
        }
    }

    private Volume Open(string grid, string sizes, string data, int dimension = 3, string type = "uint8", string encoding = "ascii")
    {
        string path = _folder.File("file");
        File.WriteAllText(path, $"NRRD0004\ntype: {type}\ndimension: {dimension}\nsizes: {sizes}\nencoding: {encoding}\n{grid}\n{data}\n", Encoding.Latin1);
        return Volume.Open(path);
    }
}
