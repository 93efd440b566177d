namespace SamMed3D.Transfer.Tests;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_that_is_not_there_is_named_and_not_the_temporary_file()
    {
        string path = Path.Combine(_folder.File("missing"), "a.txt");
        string message = Assert.Throws<InvalidDataException>(() => AtomicFile.WriteText(path, "a")).Message;
        Assert.StartsWith($"{path}: cannot be written: there is no folder", message, StringComparison.Ordinal);
        Assert.DoesNotContain(".tmp", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_writer_that_fails_leaves_the_old_file_and_nothing_else()
    {
        string path = _folder.File("a.txt");
        AtomicFile.WriteText(path, "old");
        Assert.Throws<FormatException>(() => AtomicFile.Write(path, stream =>
        {
            stream.WriteByte(1);
            throw new FormatException();
        }));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Root));
    }
}
