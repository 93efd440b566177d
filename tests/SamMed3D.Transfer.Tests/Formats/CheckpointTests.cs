using System.Security.Cryptography;

namespace SamMed3D.Transfer.Tests;

public sealed class CheckpointTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("checkpoint").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("sam3d_tiny/views/views.pth", "PyTorch zip")]
    [InlineData("sam3d_tiny/views/views_legacy.pth", "PyTorch legacy")]
    [InlineData("sam3d_tiny/views/expected.safetensors", "safetensors")]
    public void The_content_decides_what_a_file_is_not_its_name(string golden, string container)
    {
        string renamed = Path.Combine(_folder, "weights.bin");
        File.Copy(Repository.Golden(golden), renamed);
        using var checkpoint = Checkpoint.Open(renamed);
        Assert.Equal(container, checkpoint.Container);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(renamed))), checkpoint.Sha256);
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Contains("nowhere.pth", Assert.Throws<FileNotFoundException>(() => Checkpoint.Open(Path.Combine(_folder, "nowhere.pth"))).Message);

    [Fact]
    public void Asking_for_a_tensor_that_is_not_there_names_file_and_tensor()
    {
        using var checkpoint = Checkpoint.Open(Repository.Golden("sam3d_tiny/bad/good.pth"));
        string message = Assert.Throws<KeyNotFoundException>(() => checkpoint.Read("absent")).Message;
        Assert.Contains("good.pth", message);
        Assert.Contains("absent", message);
    }

    [Fact]
    public void A_description_counts_and_lists_the_tensors()
    {
        using var checkpoint = Checkpoint.Open(Repository.Golden("sam3d_tiny/bad/good.pth"));
        var description = CheckpointDescription.Of(checkpoint);
        Assert.Equal(4 * 8 + 4 + 32, description.ParameterCount);
        Assert.Equal(3, description.TypeCounts["Float32"]);
        Assert.Equal("model_state_dict", description.Section);
        string text = description.ToText(withTensors: true);
        Assert.Contains("PyTorch zip, state dict under 'model_state_dict'", text);
        Assert.Contains("[1, 2, 2, 2, 4]", text);
    }

    [SkippableTheory]
    [InlineData("sam3d_tiny/v3_module_prefix.pth", ModelFamily.SamMed3D)]
    [InlineData("sam3d_tiny/weights.safetensors", ModelFamily.SamMed3D)]
    [InlineData("sam2d_tiny/sam2d.pth", ModelFamily.Sam2d)]
    [InlineData("sam_med2d_tiny/sam_med2d.pth", ModelFamily.SamMed2d)]
    [InlineData("adapter3d_tiny/encoder.pth", ModelFamily.Adapter3d)]
    [InlineData("unetr_monai/a_conv/unetr.pth", ModelFamily.MonaiUnetr)]
    [InlineData("losses/binary_mixed.safetensors", ModelFamily.Unknown)]
    public void The_model_of_a_checkpoint_is_recognised_by_its_keys(string golden, ModelFamily family)
    {
        using var checkpoint = Checkpoint.Open(Repository.Shared($"golden/{golden}"));
        var recognised = CheckpointDescription.Of(checkpoint).Family;
        Assert.Equal(family, recognised.Family);
        Assert.NotEmpty(recognised.Reason);
    }

    [Theory]
    [InlineData("", "neck.0.weight", ModelFamily.SamMed3DEncoder)]
    [InlineData("module.image_encoder.", "neck.0.weight", ModelFamily.SamMed3DEncoder)]
    [InlineData("vit.", "neck.0.weight", ModelFamily.SamMed3DUnetr)]
    [InlineData("model.vit.", "neck.0.weight", ModelFamily.SamMed3DUnetr)]
    [InlineData("", "head.weight", ModelFamily.Unknown)]
    public void An_encoder_is_recognised_alone_and_inside_a_Unetr(string prefix, string neck, ModelFamily family)
    {
        WeightInfo[] tensors = [new(prefix + "patch_embed.proj.weight", [8, 1, 4, 4, 4], ScalarType.Float32), new(prefix + neck, [8], ScalarType.Float32)];
        Assert.Equal(family, WeightFamily.Recognise(tensors).Family);
    }
}
