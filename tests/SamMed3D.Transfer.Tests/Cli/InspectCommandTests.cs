using System.Text.Json;
using SamMed3D.Transfer.Cli;

namespace SamMed3D.Transfer.Tests;

public sealed class InspectCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Labels()
    {
        string path = _folder.File("labels.nii.gz");
        using var labels = new LabelVolume(tensor(new[] { 0, 0, 0, 0, 0, 1, 1, 7 }).reshape(2, 2, 2).contiguous(), Geometry.Create(2, new Double3(1, 1, 2.5)));
        labels.Save(path);
        return path;
    }

    private string Weights(string name = "weights.safetensors")
    {
        string path = _folder.File(name);
        using var scope = NewDisposeScope();
        SafetensorsFile.Save(path, new Dictionary<string, Tensor>
        {
            ["encoder.block.weight"] = ones(2, 3), ["encoder.block.bias"] = zeros(2), ["scale"] = ones(1, ScalarType.Int64),
        });
        return path;
    }

    [Fact]
    public void A_volume_shows_its_geometry_and_the_histogram_of_its_labels()
    {
        var result = CommandLine.Run("inspect", Labels());
        Assert.Equal(ExitCode.Ok, result.ExitCode);
        foreach (string line in new[] { "size         2x2x2 voxels", "spacing      1x1x2.5 mm", "orientation  RAS", "values       0 to 7, mean 1.125" })
            Assert.Contains(line, result.OutLines);
        Assert.Equal(["value  voxels    share", "0           5  62.500%", "1           2  25.000%", "7           1  12.500%"], result.OutLines[^4..]);
    }

    [Fact]
    public void An_image_with_broken_values_has_no_histogram()
    {
        string path = _folder.File("image.nii");
        using (var image = new Volume(tensor(new[] { 0.5f, float.NaN, 2, 3 }).reshape(1, 4, 1, 1), Geometry.Create(new Size3(4, 1, 1), 1)))
            image.Save(path);
        var result = CommandLine.Run("inspect", path);
        Assert.Contains("not finite   1 voxels", result.OutLines);
        Assert.DoesNotContain("share", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_volume_as_json_is_valid_json()
    {
        using var json = JsonDocument.Parse(CommandLine.Run("inspect", Labels(), "--json").Out);
        Assert.Equal([2, 2, 2], json.RootElement.GetProperty("size").EnumerateArray().Select(extent => extent.GetInt32()));
        Assert.Equal(2.5, json.RootElement.GetProperty("affine")[2][2].GetDouble());
        Assert.Equal(5, json.RootElement.GetProperty("histogram").GetProperty("0").GetInt64());
    }

    [Fact]
    public void A_checkpoint_shows_groups_of_tensors_and_with_all_every_one()
    {
        string path = Weights();
        var groups = CommandLine.Run("inspect", path);
        Assert.Contains(groups.OutLines, line => line.StartsWith("elements     9 (", StringComparison.Ordinal));
        Assert.Contains("encoder.block        2         8", groups.OutLines);
        Assert.Contains("(top level)          1         1", groups.OutLines);
        Assert.DoesNotContain(groups.OutLines, line => line.StartsWith("encoder.block.bias", StringComparison.Ordinal));
        Assert.Matches(@"encoder\.block\.weight +\[2, 3\] +Float32", CommandLine.Run("inspect", path, "--all").Out);
    }

    [Fact]
    public void A_checkpoint_as_json_lists_every_tensor()
    {
        using var json = JsonDocument.Parse(CommandLine.Run("inspect", Weights(), "--json").Out);
        Assert.Equal(3, json.RootElement.GetProperty("tensors").GetArrayLength());
    }

    [Fact]
    public void A_known_checkpoint_shows_its_family_why_and_how_its_encoder_is_built()
    {
        string path = _folder.File("encoder.safetensors");
        using (var encoder = new ImageEncoder(new EncoderOptions { ImageSize = 16, PatchSize = 4, EmbeddingWidth = 12, HeadCount = 3, BlockCount = 2, WindowSize = 3, GlobalBlocks = [1], OutputChannels = 8 }))
            SafetensorsFile.Save(path, encoder.state_dict());
        var result = CommandLine.Run("inspect", path);
        Assert.Contains("model        SAM-Med3D encoder alone: has patch_embed.proj.weight [12, 1, 4, 4, 4], neck.*, no vit.*", result.OutLines);
        Assert.Contains("encoder      width 12, 2 blocks, 3 heads, patch 4, window 3, global blocks 1, grid 4 x 4 x 4, 1 input channel", result.OutLines);
        using var json = JsonDocument.Parse(CommandLine.Run("inspect", path, "--json").Out);
        Assert.Equal("SamMed3DEncoder", json.RootElement.GetProperty("family").GetString());
        Assert.Equal(4, json.RootElement.GetProperty("encoder").GetProperty("patchSize").GetInt32());
    }

    [Fact]
    public void A_2D_checkpoint_says_that_a_3D_model_needs_it_inflated()
    {
        string path = _folder.File("sam.safetensors");
        using (NewDisposeScope())
            SafetensorsFile.Save(path, new Dictionary<string, Tensor>
            {
                ["image_encoder.patch_embed.proj.weight"] = zeros(8, 3, 4, 4), ["image_encoder.neck.0.weight"] = zeros(4, 8, 1, 1),
            });
        Assert.Contains("use          a 2D checkpoint: a 3D model needs it inflated; it cannot be loaded directly", CommandLine.Run("inspect", path).OutLines);
    }

    [Fact]
    public void The_content_decides_not_the_name()
    {
        string disguised = Weights("looks-like.nii.gz");
        Assert.Contains("encoder.block", CommandLine.Run("inspect", disguised).Out, StringComparison.Ordinal);
        string volume = _folder.File("looks-like.pth");
        File.Copy(Labels(), volume);
        Assert.Contains("orientation  RAS", CommandLine.Run("inspect", volume).OutLines);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html><body>404</body></html>")]
    [InlineData("hello, I am no volume")]
    public void Another_file_is_refused_with_a_reason(string content)
    {
        string path = _folder.Write("file.nii", content);
        var result = CommandLine.Run("inspect", path);
        Assert.Equal(ExitCode.BadInput, result.ExitCode);
        Assert.StartsWith($"sammed3d: {path}: ", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }
}
