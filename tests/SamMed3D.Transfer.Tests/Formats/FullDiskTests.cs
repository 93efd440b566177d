namespace SamMed3D.Transfer.Tests;

public sealed class FullDiskTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_full_disk_is_told_with_the_file_that_was_asked_for_and_the_old_file_stays()
    {
        string path = _folder.Write("scores.csv", "old");
        var full = Assert.Throws<IOException>(() => AtomicFile.Write(path, _ => throw new IOException("No space left on device : 'x.tmp'", 28)));
        Assert.Equal($"{path}: cannot be written: the disk is full; free space there or choose another place.", full.Message);
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Root));
    }
}
