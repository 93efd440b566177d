namespace SamMed3D.Transfer.Tests;

public class AdapterTrainingTests
{
    public static TheoryData<AdapterOptions> Adapters() => new()
    {
        new LoraOptions { Rank = 2, Dropout = 0.1, Targets = [LoraTarget.Qkv, LoraTarget.Projection, LoraTarget.Mlp] },
        new BottleneckOptions { Width = 4 },
        new BottleneckOptions { Width = 4, Placement = BottleneckPlacement.Series },
        new DepthAwareOptions(),
        new DepthAwareOptions { StartsAsIdentity = false },
        new BiasOnlyOptions(),
        new NormOnlyOptions(),
    };

    [Theory]
    [MemberData(nameof(Adapters))]
    public void A_bright_cube_is_learned_with_every_adapter_and_the_frozen_rest_stays(AdapterOptions adapter) => Learns(new EncoderOptions
    {
        ImageSize = 8, PatchSize = 4, EmbeddingWidth = 8, BlockCount = 3, HeadCount = 2, WindowSize = 0, GlobalBlocks = [], OutputChannels = 16, Adapter = adapter,
    });

    [Fact]
    public void A_bright_cube_is_learned_on_a_frozen_2d_sam_and_the_frozen_rest_stays() => Learns(new SamAdapterOptions
    {
        ImageSize = 8, SamPatchSize = 4, SlicesPerToken = 4, SamGrid = 4, SamWindowSize = 2, SamGlobalBlocks = [1], WindowSize = 2,
        EmbeddingWidth = 8, BlockCount = 4, HeadCount = 2, OutputChannels = 16,
    });

    private static void Learns(BackboneOptions backbone)
    {
        using var model = Unetr.Create(new UnetrOptions { Backbone = backbone, FeatureSize = 4, ClassCount = 2, HasAffineNorm = true });
        WeightInflationTests.Randomise(model);
        using var scope = NewDisposeScope();
        var before = model.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter.detach().clone());
        using var trainer = new Trainer(model, new TrainingOptions { Steps = 100, LearningRate = 0.01, WeightDecay = 0.01, WarmupSteps = 0, ValidateEvery = 0 });
        var reports = new Reports<TrainingProgress<SegmentationScores>>();
        string[] trained = [.. trainer.Groups.All.Where(one => one.LearnsFrom is not null).Select(one => one.Name)];

        trainer.Run(new CubeBatches(), reports);

        double first = reports.All.Take(5).Average(report => report.Loss), last = reports.All.TakeLast(5).Average(report => report.Loss);
        Assert.True(last < 0.7 * first, $"The loss went from {first} to {last} only.");
        Assert.Contains(trained, name => name.StartsWith("vit.", StringComparison.Ordinal));
        foreach (var (name, parameter) in model.named_parameters())
        {
            // The key's bias has no influence, and what has no influence moves by rounding alone; it is part of qkv.bias.
            bool isSame = before[name].equal(parameter).all().item<bool>();
            Assert.True(isSame != trained.Contains(name), $"{name} {(isSame ? "did not move" : "moved")}");
        }
    }
}
