using System.IO.Compression;

namespace SamMed3D.Transfer.Tests;

public sealed class NiftiFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    [Theory]
    [InlineData("scan")]
    [InlineData("scan.nii.gz")]
    [InlineData("with spaces, ümläuts & [brackets].nii")]
    [InlineData("scan.dcm")]
    public void The_content_decides_not_the_name(string name)
    {
        File.Copy(Repository.Golden("nifti/ok/dtype_int16.nii"), At(name));
        using Volume volume = Volume.Open(At(name));
        Assert.Equal(new Size3(7, 6, 5), volume.Geometry.Size);
        using var reference = Volume.Open(Repository.Golden("nifti/ok/dtype_int16.nii"));
        Assert.Equal(reference.Voxels().ToArray(), volume.Voxels().ToArray());
    }

    [Fact]
    public void Gzip_is_recognised_under_a_plain_name()
    {
        File.Copy(Repository.Golden("nifti/ok/ext_two.nii.gz"), At("plain.nii"));
        using Volume volume = Volume.Open(At("plain.nii"));
        Assert.Equal(210, volume.Geometry.Size.Count);
    }

    [Fact]
    public void A_missing_file_is_a_file_not_found() =>
        Assert.Contains("nothing.nii", Assert.Throws<FileNotFoundException>(() => Volume.Open(At("nothing.nii"))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_truncated_file_says_what_was_expected_and_what_came()
    {
        byte[] whole = File.ReadAllBytes(Repository.Golden("nifti/ok/dtype_int16.nii"));
        File.WriteAllBytes(At("cut.nii"), whole[..^100]);
        var error = Assert.Throws<InvalidDataException>(() => Volume.Open(At("cut.nii")));
        Assert.Equal($"{At("cut.nii")}: the data is truncated: expected {whole.Length} bytes up to the last voxel, the file has {whole.Length - 100}", error.Message);
    }

    [Fact]
    public void A_gzip_stream_that_ends_early_says_how_far_it_came()
    {
        using (var file = new GZipStream(File.Create(At("cut.nii.gz")), CompressionLevel.Fastest))
            file.Write(File.ReadAllBytes(Repository.Golden("nifti/ok/dtype_int16.nii")).AsSpan()[..^100]);
        var error = Assert.Throws<InvalidDataException>(() => Volume.Open(At("cut.nii.gz")));
        Assert.Equal($"{At("cut.nii.gz")}: the data is truncated: expected 210 voxels from byte 352 on, that is 420 bytes, got 320", error.Message);
    }

    [Fact]
    public void Every_cut_of_a_file_is_one_clear_error()
    {
        byte[] whole = File.ReadAllBytes(Repository.Golden("nifti/ok/pairgz.hdr.gz"));
        File.Copy(Repository.Golden("nifti/ok/pairgz.img.gz"), At("cut.img.gz"));
        for (int length = 0; length < whole.Length - 8; length += 7)
        {
            File.WriteAllBytes(At("cut.hdr.gz"), whole[..length]);
            var error = Record.Exception(() => Volume.Open(At("cut.hdr.gz")).Dispose());
            Assert.True(error is null or InvalidDataException, $"{length}: {error}");
            Assert.True(error is null || error.Message.StartsWith(At("cut.hdr.gz"), StringComparison.Ordinal), error?.Message);
        }
    }

    [Fact]
    public void A_limit_counts_the_memory_of_the_volume()
    {
        string path = Repository.Golden("nifti/ok/dtype_uint8.nii");
        Volume.Open(path, limitBytes: 840).Dispose();
        var error = Assert.Throws<InvalidDataException>(() => Volume.Open(path, limitBytes: 839));
        Assert.Contains("dtype_uint8.nii: too large: 1 x 7x6x5 voxels take 840 bytes, the limit is 839", error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => LabelVolume.Open(path, limitBytes: 839));
    }

    [Fact]
    public void Four_dimensions_become_channels()
    {
        using Volume volume = Volume.Open(Repository.Golden("nifti/ok/dim_4d.nii.gz"));
        Assert.Equal([3, 7, 6, 5], volume.Values.shape);
        Assert.Equal(3, volume.Channels);
    }

    [Fact]
    public void Labels_with_fractions_are_refused()
    {
        var error = Assert.Throws<InvalidDataException>(() => LabelVolume.Open(Repository.Golden("nifti/ok/scale_2p5_minus10.nii")));
        Assert.Matches("scale_2p5_minus10.nii: not a label file: found the value .*, expected whole numbers of 32 bits", error.Message);
        Assert.Throws<InvalidDataException>(() => LabelVolume.Open(Repository.Golden("nifti/ok/dtype_float32_nan_inf.nii.gz")));
        Assert.Throws<InvalidDataException>(() => LabelVolume.Open(Repository.Golden("nifti/ok/dtype_int64_large.nii")));
        Assert.Contains("got 3", Assert.Throws<InvalidDataException>(() =>
            LabelVolume.Open(Repository.Golden("nifti/ok/dim_4d.nii.gz"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whole_numbers_stored_as_floats_are_labels()
    {
        using (var volume = new Volume(arange(24, ScalarType.Float32).reshape(1, 2, 3, 4), Geometry.Create(new(2, 3, 4), 1)))
            volume.Save(At("float labels.nii"));
        using LabelVolume labels = LabelVolume.Open(At("float labels.nii"));
        Assert.Equal(Enumerable.Range(0, 24), labels.Voxels().ToArray());
    }

    [Fact]
    public void Channel_files_of_one_grid_become_one_volume()
    {
        string first = Save("case_0000.nii.gz", 1, Geometry.Create(3, 1)), second = Save("case_0001.nii.gz", 2, Geometry.Create(3, 1));
        using Volume volume = Volume.Open([second, first]);
        Assert.Equal([2, 3, 3, 3], volume.Values.shape);
        Assert.Equal(2, volume.Voxels(0)[0]);
        Assert.Equal(1, volume.Voxels(1)[26]);
    }

    [Fact]
    public void Channel_files_of_different_grids_are_refused()
    {
        string first = Save("case_0000.nii.gz", 1, Geometry.Create(3, 1)), second = Save("case_0001.nii.gz", 2, Geometry.Create(3, 1.1));
        var error = Assert.Throws<InvalidDataException>(() => Volume.Open([first, second]));
        Assert.Equal($"{second}: the grid (3x3x3, 1.1x1.1x1.1 mm, RAS from (0, 0, 0)) differs from that of {first} (3x3x3, 1x1x1 mm, RAS from (0, 0, 0))", error.Message);
        string several = Repository.Golden("nifti/ok/dim_4d.nii.gz");
        Assert.Contains("expected one volume in a channel file, got 3",
            Assert.Throws<InvalidDataException>(() => Volume.Open([several])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reading_leaves_only_the_volume_and_survives_the_scope_it_happens_in()
    {
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Volume volume;
        using (NewDisposeScope())
            volume = Volume.Open(Repository.Golden("nifti/ok/dim_4d.nii.gz"));
        Assert.False(volume.Values.IsInvalid);
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        volume.Dispose();
        Assert.Throws<InvalidDataException>(() => LabelVolume.Open(Repository.Golden("nifti/ok/scale_2p5_minus10.nii")));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string At(string name) => Path.Combine(_folder, name);

    private string Save(string name, float value, Geometry geometry)
    {
        using var volume = new Volume(full([1, .. geometry.Size.ToArray()], value, ScalarType.Float32), geometry);
        volume.Save(At(name));
        return At(name);
    }
}
