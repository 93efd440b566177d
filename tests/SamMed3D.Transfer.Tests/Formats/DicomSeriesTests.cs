namespace SamMed3D.Transfer.Tests;

public sealed class DicomSeriesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_slices_are_sorted_by_place_and_the_grid_comes_from_their_headers(bool isImplicit)
    {
        var made = new MadeDicom { IsImplicit = isImplicit };
        string[] files = made.Save(_folder.File("ct"));
        var reader = new RecordingReader(made.Geometry());
        foreach (string path in (string[])[_folder.File("ct"), files[2]])
        {
            var source = VolumeSource.Open(path, [reader]);
            Assert.True(source.Geometry.Matches(made.Geometry(), 1e-6), $"{source.Geometry}");
            Assert.Equal("DICOM, CT, 4 slices in 4 files", source.Format);
            using Volume volume = source.ReadVolume();
            Assert.Equal(files, reader.Files);
        }
    }

    [Fact]
    public void A_file_chooses_its_series_and_a_mixed_folder_is_refused_with_a_list()
    {
        string[] first = new MadeDicom().Save(_folder.File("mixed"), "A");
        string[] second = new MadeDicom { Series = "1.2.3", Description = "thin", Places = [0, 1, 2] }.Save(_folder.File("mixed"), "B");
        string message = Refusal(_folder.File("mixed"));
        Assert.Contains($"has 2 DICOM series: 'made for a test' CT (4 files, such as {Path.GetFileName(first.Order(StringComparer.Ordinal).First())}); 'thin' CT (3 files", message, StringComparison.Ordinal);
        Assert.Contains("Name a file of the series", message, StringComparison.Ordinal);
        Assert.Equal(3, VolumeSource.Open(second[1], []).Geometry.Size.Z);
        Assert.Equal(4, VolumeSource.Open(first[1], []).Geometry.Size.Z);
    }

    [Theory]
    [InlineData(new[] { 0, 2.5, 7.5, 10 }, "slices of the series are missing: 5 mm between IM41 and IM12, 2.5 mm elsewhere")]
    [InlineData(new[] { 0, 2, 5, 7.5 }, "unevenly spaced: 2 to 3 mm")]
    [InlineData(new[] { 0, 2.5, 2.5, 5 }, "lie at the same place (IM12 and IM41)")]
    public void Slices_that_make_no_even_volume_are_refused(double[] places, string reason)
    {
        new MadeDicom { Places = places }.Save(_folder.File("ct"));
        Assert.Contains(reason, Refusal(_folder.File("ct")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tilted_gantry_is_refused()
    {
        new MadeDicom { Tilt = 0.5 }.Save(_folder.File("ct"));
        Assert.Contains("shifted against each other", Refusal(_folder.File("ct")), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_reader_one_line_says_how_to_get_one()
    {
        new MadeDicom().Save(_folder.File("ct"));
        string message = Assert.Throws<InvalidDataException>(() => Volume.Open(_folder.File("ct"), [])).Message;
        Assert.StartsWith(_folder.File("ct"), message, StringComparison.Ordinal);
        Assert.Contains("libinsighttoolkit5-dev", message, StringComparison.Ordinal);
        Assert.Contains("dcm2niix", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reader_that_puts_the_volume_elsewhere_is_not_believed()
    {
        var made = new MadeDicom();
        made.Save(_folder.File("ct"));
        Geometry right = made.Geometry();
        var mirrored = new Geometry(right.Size, Affine.Scaling(new(-1, 1, 1)).After(right.Affine));
        string message = Assert.Throws<InvalidDataException>(() => Volume.Open(_folder.File("ct"), [new RecordingReader(mirrored)])).Message;
        Assert.Contains("put the series elsewhere", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pixels_that_are_cut_off_are_noticed()
    {
        string file = new MadeDicom().Save(_folder.File("ct"))[1];
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^20]);
        string message = Refusal(_folder.File("ct"));
        Assert.StartsWith(file, message, StringComparison.Ordinal);
        Assert.Contains("(7fe0,0010) is truncated: expected 3840 bytes, 3820 are left", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pixels_that_are_fewer_than_rows_times_columns_are_noticed()
    {
        string file = new MadeDicom().Save(_folder.File("ct"))[1];
        // A sound element, but 20 bytes shorter than the image.
        byte[] bytes = File.ReadAllBytes(file)[..^20];
        int length = bytes.Length - 3820 - 4;
        BitConverter.TryWriteBytes(bytes.AsSpan(length), 3820);
        File.WriteAllBytes(file, bytes);
        string message = Refusal(_folder.File("ct"));
        Assert.StartsWith(file, message, StringComparison.Ordinal);
        Assert.Contains("too few pixels: expected 3840 bytes for 48 x 40, got 3820", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_headers_are_refused_with_their_path()
    {
        byte[] whole = new MadeDicom().Slice(0);
        var random = new Random(6);
        int refused = 0;
        for (int round = 0; round < 150; round++)
        {
            string path = _folder.File($"{round}/IM");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, [.. whole[..132], .. Mutation.OfBytes(whole[132..], random)]);
            try
            {
                VolumeSource.Open(path, []);
            }
            catch (InvalidDataException error)
            {
                refused++;
                Assert.Contains(path, error.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', error.Message);
            }
        }
        Assert.True(refused > 0);
    }

    private string Refusal(string path)
    {
        string message = Assert.Throws<InvalidDataException>(() => VolumeSource.Open(path, [])).Message;
        Assert.StartsWith(_folder.Root, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        return message;
    }

    /// <summary>Stands for a user's own toolkit.</summary>
    private sealed class RecordingReader(Geometry geometry) : IVolumeReader
    {
        public IReadOnlyList<string> Files { get; private set; } = [];

        public string Name => "recording";

        public bool CanRead(string file) => true;

        public Volume Read(IReadOnlyList<string> files, long limitBytes)
        {
            Files = files;
            return new Volume(zeros([1, .. geometry.Size.ToArray()]), geometry);
        }
    }
}
