using System.Text.Json;
using SamMed3D.Transfer.Cli;

namespace SamMed3D.Transfer.Tests;

public sealed class ConvertCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_converted_file_compares_equal_to_its_source_and_tells_where_it_comes_from()
    {
        string source = Repository.Golden("sam3d_tiny/bad/good.pth"), target = _folder.File("good.safetensors");
        var converted = CommandLine.Run("convert", source, target);
        Assert.Equal(ExitCode.Ok, converted.ExitCode);
        Assert.Equal($"{target}: 3 tensors, 0 renamed, 0 cast", Assert.Single(converted.OutLines));
        var compared = CommandLine.Run("inspect", source, "--against", target);
        Assert.Equal(ExitCode.Ok, compared.ExitCode);
        Assert.Contains("equal        3 tensors", compared.OutLines);
        Assert.Contains(CommandLine.Run("inspect", target).OutLines, line => line.StartsWith("made from    good.pth (sha256 ", StringComparison.Ordinal));
    }

    [Fact]
    public void Checkpoints_that_differ_give_exit_code_1_and_say_where()
    {
        string source = Repository.Golden("sam3d_tiny/bad/good.pth"), target = _folder.File("half.pth");
        Assert.Equal(ExitCode.Ok, CommandLine.Run("convert", source, target, "--dtype", "float16", "--prefix-strip", "image_encoder.pos", "--bare").ExitCode);
        var compared = CommandLine.Run("inspect", source, "--against", target);
        Assert.Equal(ExitCode.Failure, compared.ExitCode);
        Assert.Contains("different    2 tensors", compared.OutLines);
        Assert.Contains(compared.OutLines, line => line.StartsWith("image_encoder.patch_embed.proj.bias", StringComparison.Ordinal) && line.Contains("type Float32 against Float16", StringComparison.Ordinal));
        Assert.Contains(compared.OutLines, line => line.Contains("only against: [1, 2, 2, 2, 4] Float16", StringComparison.Ordinal));

        var json = CommandLine.Run("inspect", source, "--against", target, "--json");
        Assert.Equal(ExitCode.Failure, json.ExitCode);
        using var document = JsonDocument.Parse(json.Out);
        Assert.False(document.RootElement.GetProperty("equal").GetBoolean());
        Assert.Equal("image_encoder.pos_embed", document.RootElement.GetProperty("onlyInFile")[0].GetString());
    }

    [Fact]
    public void An_old_file_needs_force_and_another_ending_is_refused()
    {
        string source = Repository.Golden("sam3d_tiny/bad/good.pth"), target = _folder.Write("old.pth", "old");
        var refused = CommandLine.Run("convert", source, target);
        Assert.Equal(ExitCode.BadInput, refused.ExitCode);
        Assert.Contains("--force", Assert.Single(refused.ErrorLines), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, CommandLine.Run("convert", source, target, "--force").ExitCode);
        Assert.Equal(ExitCode.BadInput, CommandLine.Run("convert", source, _folder.File("x.onnx")).ExitCode);
    }

    [Theory]
    [InlineData("labels.mha", "MetaImage, UInt8, zlib, 7x6x5")]
    [InlineData("labels.nrrd", "NRRD, UInt8, gzip, 7x6x5")]
    [InlineData("labels.nii.gz", "NIfTI-1, UInt8, 7x6x5")]
    public void A_volume_is_converted_with_its_values_and_its_place(string name, string format)
    {
        string source = Repository.Golden("nifti/nrrd_meta/ascii_uchar.nrrd"), target = _folder.File(name);
        var converted = CommandLine.Run("convert", source, target);
        Assert.Equal(ExitCode.Ok, converted.ExitCode);
        Assert.StartsWith($"{target}: {format}, 1x1.5x2.5 mm, RAS", Assert.Single(converted.OutLines), StringComparison.Ordinal);
        using Volume expected = Volume.Open(source);
        using Volume actual = Volume.Open(target);
        Assert.True(actual.Geometry.Matches(expected.Geometry, 1e-4));
        Assert.Equal(expected.Voxels().ToArray(), actual.Voxels().ToArray());
    }

    [Fact]
    public void Options_of_checkpoints_other_endings_and_old_files_are_refused_for_volumes()
    {
        string source = Repository.Golden("nifti/nrrd_meta/local.mha"), old = _folder.Write("old.nii", "old");
        foreach (var (text, arguments) in new (string, string[])[]
        {
            ("are for checkpoints", ["convert", source, _folder.File("a.nii"), "--dtype", "float16"]),
            ("expected .nii, .nii.gz", ["convert", source, _folder.File("a.safetensors")]),
            ("--force", ["convert", source, old]),
            ("no such file", ["convert", _folder.File("nothing.mha"), _folder.File("a.nii")]),
        })
        {
            var refused = CommandLine.Run(arguments);
            Assert.Equal(ExitCode.BadInput, refused.ExitCode);
            Assert.Contains(text, Assert.Single(refused.ErrorLines), StringComparison.Ordinal);
        }
        Assert.Equal("old", File.ReadAllText(old));
        Assert.Equal(ExitCode.Ok, CommandLine.Run("convert", source, old, "--force").ExitCode);
    }
}
