using System.Buffers.Binary;

namespace SamMed3D.Transfer.Tests;

public sealed class NiftiRoundTripTests : IDisposable
{
    private static readonly Size3 Size = new(5, 4, 19);
    private readonly string _folder = Directory.CreateTempSubdirectory("nifti tests ").FullName;

    public static TheoryData<string> Orientations()
    {
        var codes = new TheoryData<string>();
        foreach (string order in (string[])["RAS", "RSA", "ARS", "ASR", "SRA", "SAR"])
            for (int flips = 0; flips < 8; flips++)
                codes.Add(string.Concat(order.Select((letter, axis) => (flips >> axis & 1) == 0 ? letter : "LPI"["RAS".IndexOf(letter)])));
        return codes;
    }

    [Theory, MemberData(nameof(Orientations))]
    public void What_is_written_is_read_with_the_same_voxels_and_affine(string code)
    {
        Geometry geometry = Oblique(Orientation.Parse(code));
        using var volume = new Volume(randn([2, .. geometry.Size.ToArray()], ScalarType.Float32), geometry);
        volume.Save(At("image.nii.gz"));
        using Volume read = Volume.Open(At("image.nii.gz"));
        Assert.True(read.Values.equal(volume.Values).all().item<bool>());
        Assert.Equal(code, read.Geometry.Orientation.Code);
        Assert.True(read.Geometry.Matches(geometry, 1e-4));
    }

    [Theory, MemberData(nameof(Orientations))]
    public void The_written_qform_says_the_same_as_the_sform(string code)
    {
        Geometry geometry = Oblique(Orientation.Parse(code));
        using var labels = new LabelVolume(zeros(geometry.Size.ToArray(), ScalarType.Int32), geometry);
        labels.Save(At("labels.nii"));
        byte[] bytes = File.ReadAllBytes(At("labels.nii"));
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(254), 0); // no sform
        File.WriteAllBytes(At("qform.nii"), bytes);
        Geometry read = NiftiFile.Open(At("qform.nii")).Geometry;
        // The left-out part of a float32 quaternion is uncertain by up to 0.0003, twice that over 57 mm.
        Assert.True(read.Matches(geometry, 0.05), $"{geometry.Affine} {read.Affine}");
    }

    [Fact]
    public void A_sheared_grid_keeps_its_place_without_a_qform()
    {
        var geometry = new Geometry(Size, Affine.FromRows([1, 0.3, 0, 5, 0, 2, 0.4, -7, 0, 0, 3, 11]));
        using var labels = new LabelVolume(zeros(Size.ToArray(), ScalarType.Int32), geometry);
        labels.Save(At("sheared.nii"));
        Assert.Equal(0, BinaryPrimitives.ReadInt16LittleEndian(File.ReadAllBytes(At("sheared.nii")).AsSpan(252)));
        Assert.True(NiftiFile.Open(At("sheared.nii")).Geometry.Matches(geometry, 1e-4));
    }

    [Theory]
    [InlineData(0, 255, VoxelType.UInt8)]
    [InlineData(0, 256, VoxelType.UInt16)]
    [InlineData(0, 65535, VoxelType.UInt16)]
    [InlineData(0, 65536, VoxelType.Int32)]
    [InlineData(-1, 127, VoxelType.Int8)]
    [InlineData(-1, 128, VoxelType.Int16)]
    [InlineData(-32769, 0, VoxelType.Int32)]
    [InlineData(int.MinValue, int.MaxValue, VoxelType.Int32)]
    public void Labels_are_written_in_the_smallest_type_that_holds_them(int least, int most, VoxelType type)
    {
        using Tensor values = tensor([least, most, 0, 1, 0, 1], [1, 2, 3], ScalarType.Int32);
        using var labels = new LabelVolume(values.clone(), Geometry.Create(new(1, 2, 3), 1));
        labels.Save(At("labels.nii.gz"));
        Assert.Equal(type, NiftiFile.Open(At("labels.nii.gz")).Header.StoredType);
        using LabelVolume read = LabelVolume.Open(At("labels.nii.gz"));
        Assert.Equal(labels.Voxels().ToArray(), read.Voxels().ToArray());
    }

    [Fact]
    public void A_failed_write_leaves_the_old_file_and_nothing_else()
    {
        using (var volume = new Volume(ones([1, 2, 2, 2]), Geometry.Create(2, 1)))
            volume.Save(At("kept.nii"));
        byte[] before = File.ReadAllBytes(At("kept.nii"));
        var disposed = new LabelVolume(zeros([2, 2, 2], ScalarType.Int32), Geometry.Create(2, 1));
        disposed.Dispose();
        Assert.ThrowsAny<Exception>(() => disposed.Save(At("kept.nii")));
        Assert.Equal(before, File.ReadAllBytes(At("kept.nii")));

        Directory.CreateDirectory(At("folder.nii"));
        using var labels = new LabelVolume(zeros([2, 2, 2], ScalarType.Int32), Geometry.Create(2, 1));
        Assert.ThrowsAny<Exception>(() => labels.Save(At("folder.nii")));
        Assert.Equal(["folder.nii", "kept.nii"], Directory.EnumerateFileSystemEntries(_folder).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData("labels.hdr")]
    [InlineData("labels")]
    [InlineData("labels.gz")]
    public void A_name_that_says_no_known_format_is_refused(string name)
    {
        using var labels = new LabelVolume(zeros([2, 2, 2], ScalarType.Int32), Geometry.Create(2, 1));
        var error = Assert.Throws<ArgumentException>(() => labels.Save(At(name)));
        Assert.Contains(".nii, .nii.gz, .nrrd, .nhdr, .mha or .mhd", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public void An_axis_too_long_for_nifti_1_is_refused()
    {
        using var labels = new LabelVolume(zeros([1, 1, 40000], ScalarType.Int32), Geometry.Create(new(1, 1, 40000), 1));
        var error = Assert.Throws<ArgumentException>(() => labels.Save(At("long.nii")));
        Assert.Contains("at most 32767 voxels along an axis, got 1x1x40000", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string At(string name) => Path.Combine(_folder, name);

    /// <summary>A grid with unequal spacings, turned a little about two axes.</summary>
    private static Geometry Oblique(Orientation orientation)
    {
        (double sine, double cosine) = Math.SinCos(0.2);
        Affine turn = Affine.FromRows([cosine, -sine, 0, -31.5, sine, cosine, 0, 12.25, 0, 0, 1, 40])
            .After(Affine.FromRows([1, 0, 0, 0, 0, cosine, -sine, 0, 0, sine, cosine, 0]));
        return Reorientation.To(new Geometry(Size, turn.After(Affine.Scaling(new(0.75, 1.5, 3)))), orientation);
    }
}
