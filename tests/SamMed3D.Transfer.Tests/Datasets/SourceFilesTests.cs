namespace SamMed3D.Transfer.Tests;

public sealed class SourceFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a.mhd", "ElementDataFile")]
    [InlineData("a.nhdr", "data file")]
    public void A_header_that_names_another_file_stands_for_that_one_too(string name, string key)
    {
        string header = Saved(name);
        string data = Assert.Single(SourceFiles.Of(header).Skip(1));
        string moved = Directory.CreateDirectory(_folder.File("voxels")).FullName + "/other.bin";
        File.Move(data, moved);
        File.WriteAllText(header, File.ReadAllText(header).Replace(Path.GetFileName(data), "voxels/other.bin", StringComparison.Ordinal));
        Assert.Contains(key, File.ReadAllText(header), StringComparison.Ordinal);
        Assert.Equal([header, moved], SourceFiles.Of(header));

        File.Delete(moved);
        Assert.Contains("the data file is missing", Assert.Throws<InvalidDataException>(() => SourceFiles.Of(header)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.nii.gz")]
    [InlineData("a.mha")]
    [InlineData("a.nrrd")]
    public void A_file_with_its_voxels_stands_for_itself(string name)
    {
        string path = Saved(name);
        _folder.Write("a.raw");
        Assert.Equal([path], SourceFiles.Of(path));
    }

    [Fact]
    public void A_slice_stands_for_its_series()
    {
        string[] slices = new MadeDicom().Save(_folder.File("ct"));
        Assert.Equal(slices.Order(StringComparer.Ordinal), SourceFiles.Of(slices[0]).Order(StringComparer.Ordinal));
    }

    private string Saved(string name)
    {
        string path = _folder.File(name);
        using var image = new Volume(zeros([1, 4, 4, 4]), Geometry.Create(4, 1));
        image.Save(path);
        return path;
    }
}
