using System.Diagnostics;

namespace SamMed3D.Transfer.Tests;

/// <summary>ITK and dcm2niix, where they are installed: they must say the same as the library's own readers.</summary>
public sealed class ForeignReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void Itk_reads_a_dicom_series_with_its_scaling_and_its_place()
    {
        ItkReader itk = Itk();
        var made = new MadeDicom();
        made.Save(_folder.File("ct ümläut"));
        using Volume volume = Volume.Open(_folder.File("ct ümläut"), [itk]);
        Assert.True(volume.Geometry.Matches(made.Geometry(), 1e-5));
        RequireValues(volume);
        using LabelVolume labels = VolumeSource.Open(_folder.File("ct ümläut"), [itk]).ReadLabels();
        Assert.Equal(volume.Voxels().ToArray(), labels.Voxels().ToArray().Select(value => (float)value));
    }

    [SkippableFact]
    public void Dcm2niix_puts_the_same_voxels_at_the_same_places_and_leaves_nothing_behind()
    {
        var dcm2niix = Dcm2niixReader.Find();
        Skip.If(dcm2niix is null, "needs dcm2niix on the PATH");
        new MadeDicom().Save(_folder.File("ct"));
        string[] before = Directory.GetDirectories(Path.GetTempPath(), "sammed3d-dicom-*");
        using Volume volume = Volume.Open(_folder.File("ct"), [dcm2niix]);
        Assert.Empty(Directory.GetDirectories(Path.GetTempPath(), "sammed3d-dicom-*").Except(before));
        RequireValues(volume);
    }

    [SkippableTheory]
    [InlineData("--jpegls")]
    [InlineData("--j2k")]
    [InlineData("--jpeg")]
    [InlineData("--rle")]
    public void Itk_reads_compressed_dicom(string compression)
    {
        ItkReader itk = Itk();
        Directory.CreateDirectory(_folder.File("packed"));
        foreach (string file in new MadeDicom().Save(_folder.File("plain")))
            Gdcmconv(compression, file, Path.Combine(_folder.File("packed"), Path.GetFileName(file)));
        using Volume volume = Volume.Open(_folder.File("packed"), [itk]);
        RequireValues(volume);
    }

    [SkippableTheory]
    [InlineData(".nii.gz", 1)]
    [InlineData(".nrrd", 1)]
    [InlineData(".nhdr", 1)]
    [InlineData(".mha", 1)]
    [InlineData(".mhd", 1)]
    [InlineData(".nii.gz", 3)]
    [InlineData(".nrrd", 3)]
    [InlineData(".mha", 3)]
    public void Itk_reads_what_the_library_writes(string ending, int channels)
    {
        ItkReader itk = Itk();
        // Without shear: ITK's directions are at right angles.
        var geometry = new Geometry(new(5, 4, 3), new MadeDicom().Geometry().Affine);
        using var volume = new Volume(randn([channels, 5, 4, 3], ScalarType.Float32), geometry);
        string path = _folder.File("written" + ending);
        volume.Save(path);
        using Volume read = itk.Read([path], long.MaxValue);
        Assert.True(read.Geometry.Matches(geometry, 1e-4), $"expected {geometry}, got {read.Geometry}");
        Assert.True(read.Values.equal(volume.Values).all().item<bool>());
    }

    [SkippableFact]
    public void Itk_reads_the_golden_files_as_the_library_does()
    {
        ItkReader itk = Itk();
        // ITK 5.2 flips the wrong axis for left-anterior-superior.
        foreach (string path in Directory.EnumerateFiles(Repository.Golden("nifti/nrrd_meta")).Where(file => Path.GetExtension(file) is ".nrrd" or ".nhdr" or ".mha" or ".mhd"))
        {
            if (Path.GetFileName(path).StartsWith("bad", StringComparison.Ordinal) || path.EndsWith("las_gz_be.nrrd", StringComparison.Ordinal))
                continue;
            using Volume ours = Volume.Open(path);
            using Volume theirs = itk.Read([path], long.MaxValue);
            Assert.True(theirs.Geometry.Matches(ours.Geometry, 1e-4), path);
            Assert.True(theirs.Values.equal(ours.Values).all().item<bool>(), path);
        }
    }

    [SkippableFact]
    public void Itk_refuses_broken_files_in_one_line_and_what_is_too_large()
    {
        ItkReader itk = Itk();
        string text = _folder.Write("text.txt", "hello");
        Assert.False(itk.CanRead(text));
        string message = Assert.Throws<InvalidDataException>(() => itk.Read([text], long.MaxValue)).Message;
        Assert.StartsWith(text, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        string[] files = new MadeDicom().Save(_folder.File("ct"));
        Assert.Contains("the limit is 100", Assert.Throws<InvalidDataException>(() => itk.Read(files, 100)).Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_format_that_only_itk_knows_opens_like_any_other()
    {
        ItkReader itk = Itk();
        string path = _folder.Write("grid.vtk", """
            # vtk DataFile Version 3.0
            made for a test
            ASCII
            DATASET STRUCTURED_POINTS
            DIMENSIONS 2 1 2
            ORIGIN 10 20 30
            SPACING 2 3 4
            POINT_DATA 4
            SCALARS values float 1
            LOOKUP_TABLE default
            1 2 3 4

            """);
        using Volume volume = Volume.Open(path, [itk]);
        Assert.Equal(new Affine(new(-2, 0, 0, -10), new(0, -3, 0, -20), new(0, 0, 4, 30)), volume.Geometry.Affine);
        Assert.Equal([1f, 3, 2, 4], volume.Voxels().ToArray());
        Assert.Throws<InvalidDataException>(() => Volume.Open(path, []));
    }

    private static ItkReader Itk()
    {
        var itk = ItkReader.Find(out string reason);
        Skip.If(itk is null, $"needs libsammed3d_itk: {reason}");
        return itk;
    }

    private static void Gdcmconv(string compression, string source, string target)
    {
        try
        {
            using Process process = Process.Start("gdcmconv", [compression, source, target]);
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Skip.If(true, "needs gdcmconv on the PATH");
        }
    }

    /// <summary>Every voxel, asked by its place in the world.</summary>
    private static void RequireValues(Volume volume)
    {
        Geometry made = new MadeDicom().Geometry();
        Assert.Equal(1, volume.Channels);
        for (int x = 0; x < MadeDicom.Columns; x++)
            for (int y = 0; y < MadeDicom.Rows; y++)
                for (int z = 0; z < MadeDicom.Slices; z++)
                {
                    Double3 index = volume.Geometry.ToIndex(made.ToWorld(new(x, y, z)));
                    (int i, int j, int k) = ((int)Math.Round(index.X), (int)Math.Round(index.Y), (int)Math.Round(index.Z));
                    Assert.True(Math.Abs(index.X - i) + Math.Abs(index.Y - j) + Math.Abs(index.Z - k) < 0.01, $"{index}");
                    Assert.Equal(MadeDicom.Value(x, y, z), volume.Voxels()[(i * volume.Geometry.Size.Y + j) * volume.Geometry.Size.Z + k]);
                }
    }
}
