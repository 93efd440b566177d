using System.Security.Cryptography;

namespace SamMed3D.Transfer.Tests;

/// <summary>Checkpoints of every known family, as the originals wrote them, into models of this library.</summary>
public sealed class FamilyLoadingTests
{
    private static readonly EncoderOptions TinySamMed3D = new()
    {
        ImageSize = 48, EmbeddingWidth = 16, BlockCount = 3, HeadCount = 2, WindowSize = 5, GlobalBlocks = [2], OutputChannels = 48,
    };

    [SkippableTheory]
    [InlineData("v1_*.pth", "Float32")]
    [InlineData("v2_*.pth", "Float32")]
    [InlineData("v3_*.pth", "Float32")]
    [InlineData("v4_*.pth", "Float32")]
    [InlineData("v5_*.pth", "Float32")]
    [InlineData("v6_*fp16*.pth", "Float16")]
    [InlineData("v6_*bf16*.pth", "BFloat16")]
    [InlineData("weights.safetensors", "Float32")]
    public void SAM_Med3D_fills_the_encoder_and_every_tensor_of_the_file_is_accounted_for(string pattern, string type)
    {
        string path = Directory.GetFiles(Repository.Shared("golden/sam3d_tiny"), pattern).Single();
        using var unetr = Unetr.Create(new UnetrOptions { Backbone = TinySamMed3D, Taps = [0, 1, 1, 2], FeatureSize = 2, ClassCount = 2 });
        using var checkpoint = Checkpoint.Open(path);

        var report = WeightLoader.LoadEncoder(unetr, checkpoint);

        Assert.True(report.IsComplete);
        Assert.Equal((1.0, 1.0), (report.Coverage, report.TensorCoverage));
        Assert.Equal(ModelFamily.SamMed3D, report.Family.Family);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))), report.Sha256);
        Assert.Equal(unetr.state_dict().Keys, report.Entries.Select(entry => entry.Name));
        Assert.Equal(checkpoint.Tensors.Select(info => info.Name), report.Sources.Select(source => source.Key));
        Assert.Empty(report.Unexpected);
        Assert.Equal(["mask decoder", "prompt encoder"], report.Sources.Where(source => source.Use == SourceUse.Ignored).Select(source => source.Part).Distinct().Order());
        Assert.All(report.Entries.Where(entry => entry.IsAsked), entry => Assert.Equal((type, type != "Float32"), (entry.SourceType, entry.IsConverted)));
        using var expected = SafetensorsFile.Open(Repository.Shared("golden/sam3d_tiny/weights.safetensors"));
        using var scope = NewDisposeScope();
        foreach (var entry in report.Entries.Where(entry => entry.IsAsked))
        {
            var stored = expected.Read("image_encoder." + entry.Name["vit.".Length..]).to(checkpoint.Tensors[0].DType).to(ScalarType.Float32);
            Assert.Equal(0, (stored - unetr.state_dict()[entry.Name]).abs().max().item<float>());
        }
    }

    [SkippableTheory]
    [InlineData("sam2d_tiny/sam2d.pth", "2D SAM or MedSAM")]
    [InlineData("sam_med2d_tiny/sam_med2d.pth", "SAM-Med2D")]
    public void A_2D_checkpoint_is_refused_for_a_3D_encoder_in_one_line_that_names_inflation(string golden, string name)
    {
        using var encoder = new ImageEncoder(TinySamMed3D);
        using var checkpoint = Checkpoint.Open(Repository.Shared($"golden/{golden}"));
        var refused = Assert.Throws<WeightsRefusedException>(() => WeightLoader.LoadEncoder(encoder, checkpoint, new LoadPolicy { AllowMissing = [""] }));
        Assert.DoesNotContain('\n', refused.Message);
        Assert.Contains($"it is a 2D checkpoint ({name})", refused.Message, StringComparison.Ordinal);
        Assert.Contains("inflation", refused.Message, StringComparison.Ordinal);
        Assert.All(refused.Report.Entries, entry => Assert.Equal(LoadOutcome.Refused, entry.Outcome));
    }

    [SkippableFact]
    public void An_encoder_of_another_size_is_refused_with_the_sizes_that_the_file_has()
    {
        using var encoder = new ImageEncoder(TinySamMed3D with { EmbeddingWidth = 24, HeadCount = 3 });
        using var checkpoint = Checkpoint.Open(Repository.Shared("golden/sam3d_tiny/v2_bare.pth"));
        string message = Assert.Throws<WeightsRefusedException>(() => WeightLoader.LoadEncoder(encoder, checkpoint)).Message;
        Assert.Contains(
            "the file's sizes (width 16, 3 blocks, 2 heads, patch 16, window 5, global blocks 2, grid 3 x 3 x 3, 1 input channel)",
            message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("a_conv", "width 24, 12 blocks, patch 16, 8 tokens, 1 input channel")]
    [InlineData("b_perceptron", "width 16, 12 blocks, patch 16, 4 tokens, 2 input channels")]
    public void The_shapes_of_MONAI_s_UNETR_tell_its_sizes_in_both_projections(string golden, string expected)
    {
        using var checkpoint = Checkpoint.Open(Repository.Shared($"golden/unetr_monai/{golden}/unetr.pth"));
        Assert.Equal(expected, WeightFamily.Recognise(checkpoint.Tensors).Architecture!.ToString());
    }

    [SkippableFact]
    public void A_checkpoint_of_another_kind_of_encoder_is_refused_with_what_it_is_and_what_was_expected()
    {
        using var encoder = new ImageEncoder(TinySamMed3D);
        using var checkpoint = Checkpoint.Open(Repository.Shared("golden/adapter3d_tiny/encoder.pth"));
        string message = Assert.Throws<WeightsRefusedException>(() => WeightLoader.LoadEncoder(encoder, checkpoint)).Message;
        Assert.Contains("recognised as 3DSAM-adapter encoder", message, StringComparison.Ordinal);
        Assert.Contains("expects one of: SAM-Med3D, SAM-Med3D encoder alone, UNETR on the SAM-Med3D encoder;", message, StringComparison.Ordinal);
    }

    [Fact]
    public void MONAI_s_UNETR_fills_the_whole_model_and_its_ViT_fills_the_encoder_of_another_grid()
    {
        using var checkpoint = Checkpoint.Open(Repository.Golden("unetr_monai/d_plain_blocks/unetr.pth"));
        using var unetr = Unetr.Create(Monai(new Size3(16, 32, 48), 3, 32, 2) with { HasResidualBlock = false, HasConvBlock = false });
        var whole = WeightLoader.Load(unetr, checkpoint);
        Assert.True(whole.IsComplete);
        Assert.All(whole.Sources, source => Assert.Equal(SourceUse.Used, source.Use));

        using var encoder = Monai(new Size3(16, 32, 48), 3, 32, 2).Backbone.Create();
        var report = WeightLoader.LoadEncoder(encoder, checkpoint);
        Assert.True(report.IsComplete);
        Assert.Equal(["decoder"], report.Sources.Where(source => source.Use == SourceUse.Ignored).Select(source => source.Part).Distinct());
    }

    [SkippableFact]
    public void The_cross_attention_that_newer_MONAI_saves_is_left_out_with_its_reason()
    {
        using var checkpoint = Checkpoint.Open(Repository.Shared("golden/unetr_monai/c_box/unetr_monai150.pth"));
        var options = Monai(new Size3(64, 64, 48), 2, 40, 4);
        using var unetr = Unetr.Create(options with { Backbone = (PlainViTOptions)options.Backbone with { HasAttentionBias = true } });
        var report = WeightLoader.Load(unetr, checkpoint);
        Assert.True(report.IsComplete);
        Assert.Empty(report.Unexpected);
        Assert.All(report.Sources.Where(source => source.Key.Contains("cross_attn", StringComparison.Ordinal)), source => Assert.Equal(SourceUse.Ignored, source.Use));
        Assert.Contains("cross-attention that MONAI saves and never runs, ", report.Summary, StringComparison.Ordinal);
    }

    private static UnetrOptions Monai(Size3 size, int classes, int mlp, int heads) => new()
    {
        Backbone = new PlainViTOptions { ImageSize = size, EmbeddingWidth = 16, MlpWidth = mlp, HeadCount = heads },
        ClassCount = classes,
        FeatureSize = 2,
    };
}
