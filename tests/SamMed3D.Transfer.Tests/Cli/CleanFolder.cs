using System.Security.Cryptography;
using SamMed3D.Transfer.Cli;

namespace SamMed3D.Transfer.Tests;

/// <summary>A folder with made-up label maps to clean: cubes in 24^3 voxels of 2 mm. An edge of 8 is 16 mm, and 139 voxels are 1 %.</summary>
internal sealed class CleanFolder : IDisposable
{
    public const int Edge = 24;

    private readonly TemporaryFolder _folder = new();

    public string Root => _folder.Root;

    public string File(string relative) => _folder.File(relative);

    public string Write(string relative, string text = "") => _folder.Write(relative, text);

    public void Dispose() => _folder.Dispose();

    public static void Refused(string message, params string[] arguments)
    {
        var result = CommandLine.Run(["clean", .. arguments]);
        Assert.Equal(ExitCode.BadInput, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    public CommandLine Clean(string input, string output, params string[] more) => CommandLine.Run(["clean", File(input), File(output), .. more]);

    /// <summary>Cleans, which must succeed and leave the input as it was.</summary>
    public CommandLine Cleaned(string input, string output)
    {
        string before = Fingerprint(input);
        var result = Clean(input, output);
        Assert.Equal((ExitCode.Ok, before), (result.ExitCode, Fingerprint(input)));
        return result;
    }

    /// <summary>An image and its label of one name, as in SAM-Med3D's tree.</summary>
    public void Mask(string dataset, string part, string name, params (int Label, int X, int Edge)[] cubes)
    {
        Image($"{dataset}/images{part}/{name}.nii.gz");
        Labels($"{dataset}/labels{part}/{name}.nii.gz", cubes);
    }

    /// <summary>Cubes, each with its label, its place along x and its edge in voxels.</summary>
    public void Labels(string relative, params (int Label, int X, int Edge)[] cubes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File(relative))!);
        using var labels = new LabelVolume(zeros([Edge, Edge, Edge], int32), Geometry.Create(Edge, 2));
        foreach (var (label, x, edge) in cubes)
            labels.Values.narrow(0, x, edge).narrow(1, 0, edge).narrow(2, 0, edge).fill_(label);
        labels.Save(File(relative));
    }

    public void Image(string relative)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File(relative))!);
        using var image = new Volume(zeros([1, Edge, Edge, Edge]), Geometry.Create(Edge, 2));
        image.Save(File(relative));
    }

    /// <summary>The label of the first voxel at this x.</summary>
    public static int At(LabelVolume labels, int x) => labels.Voxels()[x * Edge * Edge];

    /// <summary>Names, times and contents of all files below a folder.</summary>
    private string Fingerprint(string folder) => string.Join('\n', Directory.EnumerateFiles(File(folder), "*", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal).Select(file => $"{file} {System.IO.File.GetLastWriteTimeUtc(file):O} {Convert.ToHexString(SHA256.HashData(System.IO.File.ReadAllBytes(file)))}"));

    /// <summary>What lies directly in a folder.</summary>
    public IEnumerable<string> Names(string folder = "") => Directory.EnumerateFileSystemEntries(File(folder)).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal);
}
