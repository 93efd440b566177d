namespace SamMed3D.Transfer.Tests;

public class SamAdapterLoadingTests
{
    private static readonly SamAdapterOptions Tiny = new()
    {
        ImageSize = 16, PatchSize = 4, SlicesPerToken = 4, SamGrid = 4, SamWindowSize = 3, SamGlobalBlocks = [1, 3], WindowSize = 2,
        EmbeddingWidth = 24, BlockCount = 4, HeadCount = 3, OutputChannels = 16,
    };

    [SkippableFact]
    public void A_2d_sam_fills_all_that_the_adapter_does_not_add()
    {
        string path = Repository.Shared("golden/sam2d_tiny/sam2d.pth");
        using var unetr = Unetr.Create(new UnetrOptions { Backbone = Tiny, ClassCount = 2, FeatureSize = 4 });
        using var checkpoint = Checkpoint.Open(path);

        var report = WeightLoader.LoadEncoder(unetr, checkpoint);

        Assert.True(report.IsComplete);
        var state = unetr.state_dict();
        foreach (var entry in report.Entries.Where(entry => entry.IsAsked))
        {
            using var stored = checkpoint.Read("image_encoder." + entry.Name["vit.".Length..]);
            Assert.True(stored.equal(state[entry.Name]).all().item<bool>(), entry.Name);
        }

        string[] kept = [.. report.Entries.Where(entry => !entry.IsAsked).Select(entry => entry.Name).Where(name => name.StartsWith("vit.", StringComparison.Ordinal))];
        Assert.All(kept, name => Assert.True(SamAdapterOptions.IsAdded(name["vit.".Length..]), name));
        Assert.Empty(report.Unexpected);
    }

    [SkippableFact]
    public void The_new_axis_starts_with_the_mean_of_the_other_two()
    {
        using var encoder = new SamAdapterEncoder(Tiny);
        using var checkpoint = Checkpoint.Open(Repository.Shared("golden/sam2d_tiny/sam2d.pth"));
        var report = WeightLoader.LoadEncoder(encoder, checkpoint);
        var state = encoder.state_dict();
        using var mean = (state["blocks.1.attn.rel_pos_h"] + state["blocks.1.attn.rel_pos_w"]) * 0.5;
        Assert.True(mean.equal(state["blocks.1.attn.rel_pos_d"]).all().item<bool>());
        Assert.True(mean.abs().max().item<float>() > 0);
        Assert.Equal("mean of rel_pos_h and rel_pos_w", report.Entries.Single(entry => entry.Name == "blocks.1.attn.rel_pos_d").How);
    }

    [SkippableFact]
    public void A_sam_med2d_is_refused()
    {
        using var encoder = new SamAdapterEncoder(Tiny);
        using var checkpoint = Checkpoint.Open(Repository.Shared("golden/sam_med2d_tiny/sam_med2d.pth"));
        var problem = Assert.Throws<WeightsRefusedException>(() => WeightLoader.LoadEncoder(encoder, checkpoint));
        Assert.Contains("SAM-Med2D", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_unetr_on_it_is_recognised_and_loads_whole()
    {
        var options = new UnetrOptions { Backbone = Tiny, ClassCount = 2, FeatureSize = 4 };
        using var first = Unetr.Create(options);
        using var second = Unetr.Create(options);
        using var source = new MemoryWeights(first.state_dict());
        var report = WeightLoader.Load(second, source);
        Assert.Equal(ModelFamily.Adapter3dUnetr, report.Family.Family);
        Assert.True(report.IsComplete);
    }
}
