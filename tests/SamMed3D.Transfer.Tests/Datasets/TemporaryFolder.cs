namespace SamMed3D.Transfer.Tests;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("sammed3d-test-").FullName;

    public string File(string relative) => Path.Combine(Root, relative);

    /// <summary>Writes a text file, and the folders it needs.</summary>
    public string Write(string relative, string text = "")
    {
        string path = File(relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
