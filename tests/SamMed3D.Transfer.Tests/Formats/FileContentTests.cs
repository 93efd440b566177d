using System.Text;

namespace SamMed3D.Transfer.Tests;

public sealed class FileContentTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("<!DOCTYPE html>", "a web page")]
    [InlineData("version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer")]
    [InlineData("name: run\nseed: 1\n", "a text file")]
    [InlineData("", "an empty file")]
    [InlineData("\u0001\u0002\u0003\u0004", "01020304")]
    public void A_file_of_another_kind_is_called_by_its_name(string content, string name)
    {
        string path = _folder.File("file");
        File.WriteAllBytes(path, Encoding.Latin1.GetBytes(content));
        string message = Assert.Throws<InvalidDataException>(() => FileContent.KindOf(path)).Message;
        Assert.StartsWith(path, message, StringComparison.Ordinal);
        Assert.Contains(name, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NRRD0004\ntype: short\n")]
    [InlineData("ObjectType = Image\nNDims = 3\n")]
    public void Nrrd_and_metaimage_are_volumes_whatever_their_name(string content) =>
        Assert.Equal(FileKind.Volume, FileContent.KindOf(_folder.Write("scan.nii.gz", content)));

    [Fact]
    public void A_dicom_file_is_a_volume_whatever_its_name()
    {
        string path = _folder.File("IM0001");
        File.WriteAllBytes(path, [.. new byte[128], .. "DICM"u8, .. new byte[60]]);
        Assert.Equal(FileKind.Volume, FileContent.KindOf(path));
    }
}
