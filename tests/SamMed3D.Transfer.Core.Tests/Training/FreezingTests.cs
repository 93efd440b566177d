using static TorchSharp.torch.nn;

namespace SamMed3D.Transfer.Tests;

/// <summary>What learns, from which step and how fast, on a UNETR of three blocks.</summary>
public sealed class FreezingTests
{
    private static readonly TrainingOptions Short = new() { Steps = 6, WarmupSteps = 0, LearningRate = 0.01, ValidateEvery = 0, WeightDecay = 0.1 };

    public static TheoryData<string> Freezings => ["nothing", "encoder", "up to block 0"];

    [Theory]
    [MemberData(nameof(Freezings))]
    public void Gradients_flow_to_what_learns_and_nothing_else_moves_by_a_bit(string name)
    {
        FreezingOptions freezing = name switch
        {
            "nothing" => new FreezeNothing(),
            "encoder" => new FreezeEncoder(),
            _ => new FreezeUpToBlock { Block = 0 },
        };
        bool Learns(string parameter) => !IsIn(parameter, "neck.") && name switch
        {
            "nothing" => true,
            "encoder" => !parameter.StartsWith("vit.", StringComparison.Ordinal),
            _ => !IsIn(parameter, "patch_embed.", "pos_embed", "blocks.0."),
        };
        using var model = TinyUnetr();
        using var scope = NewDisposeScope();
        var before = model.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter.detach().clone());
        using var trainer = new Trainer(model, Short with { Steps = 2, Freezing = freezing });

        trainer.Run(new CubeBatches());

        foreach (var (parameter, values) in model.named_parameters())
        {
            Assert.True(Learns(parameter) == (values.grad is { } gradient && gradient.abs().max().item<float>() > 0), $"gradient of {parameter}");
            Assert.True(Learns(parameter) != values.equal(before[parameter]).all().item<bool>(), $"movement of {parameter}");
        }
    }

    [Fact]
    public void The_head_learns_first_then_the_blocks_from_the_last_to_the_first_and_the_embedding()
    {
        using var model = TinyUnetr();
        using var trainer = new Trainer(model, Short with { Freezing = new UnfreezeGradually { AfterSteps = 2, StepsPerBlock = 1 } });
        var moved = new List<string>();
        using var scope = NewDisposeScope();
        var before = model.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter.detach().clone());
        var listener = new Reports<TrainingProgress<SegmentationScores>>(_ =>
            moved.Add(string.Join(' ', new[] { "out.", "vit.blocks.2.", "vit.blocks.1.", "vit.blocks.0.", "vit.patch_embed." }
            .Where(part => model.named_parameters().Any(entry => entry.name.StartsWith(part, StringComparison.Ordinal)
                && !entry.parameter.equal(before[entry.name]).all().item<bool>())))));

        trainer.Run(new CubeBatches(), listener);

        Assert.Equal(
        [
            "out.", "out.",
            "out. vit.blocks.2.",
            "out. vit.blocks.2. vit.blocks.1.",
            "out. vit.blocks.2. vit.blocks.1. vit.blocks.0.",
            "out. vit.blocks.2. vit.blocks.1. vit.blocks.0. vit.patch_embed.",
        ], moved);
    }

    [Fact]
    public void Without_steps_per_block_the_whole_encoder_joins_at_once()
    {
        using var model = TinyUnetr();
        var groups = new ParameterGroups(model, new UnfreezeGradually { AfterSteps = 7 });
        Assert.All(groups.All.Where(one => !one.IsUnused), one => Assert.Equal(one.Place.Part == ModelPart.Head ? 0 : 7, one.LearnsFrom));
    }

    [Fact]
    public void A_run_that_goes_on_in_the_middle_of_thawing_equals_one_that_never_stopped()
    {
        var options = Short with { Freezing = new UnfreezeGradually { AfterSteps = 2, StepsPerBlock = 1 } };
        using Unetr one = TinyUnetr(), other = TinyUnetr();
        using (var whole = new Trainer(one, options))
            whole.Run(new CubeBatches());
        using var scope = NewDisposeScope();
        using var first = new Trainer(other, options);
        using var stop = new CancellationTokenSource();
        first.Run(new CubeBatches(), new Reports<TrainingProgress<SegmentationScores>>(report => { if (report.Step == 3) stop.Cancel(); }), cancellation: stop.Token);
        using var state = new MemoryWeights(AdamWMoments.Collect(first.Optimizer, other).ToList());
        using var resumed = TinyUnetr();
        using (no_grad())
            foreach (var (name, values) in resumed.state_dict())
                values.copy_(other.state_dict()[name]);
        using var second = new Trainer(resumed, options) { CompletedSteps = 3 };
        AdamWMoments.Restore(second.Optimizer, resumed, state);
        second.Run(new CubeBatches());
        Assert.All(one.named_parameters().Zip(resumed.named_parameters()), pair =>
            Assert.True(pair.First.parameter.equal(pair.Second.parameter).all().item<bool>(), pair.First.name));
    }

    [Fact]
    public void The_rate_falls_from_layer_to_layer_towards_the_input()
    {
        using var model = TinyUnetr();
        var groups = new ParameterGroups(model, layerRateDecay: 0.5);
        double Fraction(string name) => groups.All.Single(one => one.Name == name).RateFraction;
        Assert.Equal(1, Fraction("out.conv.conv.weight"));
        Assert.Equal(0.5, Fraction("vit.blocks.2.attn.qkv.weight"));
        Assert.Equal(0.125, Fraction("vit.blocks.0.mlp.lin1.bias"));
        Assert.Equal(0.0625, Fraction("vit.pos_embed"));

        using var optimizer = groups.CreateAdamW(new TrainingOptions { LearningRate = 0.8, WeightDecay = 0.3 });
        groups.SetRate(optimizer, 0.4);
        var rates = optimizer.ParamGroups.Select(group => group.LearningRate).ToList();
        // Decayed and not decayed at each depth; the patch embedding's bias and the positions are among the latter.
        Assert.Equal([0.4, 0.4, 0.2, 0.2, 0.1, 0.1, 0.05, 0.05, 0.025, 0.025], rates, (a, b) => Math.Abs(a - b) < 1e-12);
        var decays = optimizer.ParamGroups.Cast<TorchSharp.Modules.AdamW.ParamGroup>().Select(group => group.Options.weight_decay);
        Assert.Equal([0.3, 0, 0.3, 0, 0.3, 0, 0.3, 0, 0.3, 0], decays.Select(decay => decay!.Value));
    }

    [Fact]
    public void The_table_counts_what_learns_of_each_part()
    {
        using var model = TinyUnetr();
        var table = new ParameterGroups(model, new FreezeUpToBlock { Block = 0 }, 0.5).Table;
        Assert.Equal(["patch embedding and positions", "block 0", "block 1", "block 2", "neck", "head"], table.Rows.Select(row => row.Part));
        Assert.Equal(8 * 64 + 8 + 8 * 8, table.Rows[0].Parameters);
        Assert.Equal([0, 0, 100, 100, 0, 100], table.Rows.Select(row => row.Percent));
        Assert.True(table.Rows[4].IsUnused);
        Assert.Equal(model.parameters().Sum(parameter => parameter.numel()), table.Parameters);
        Assert.Equal(table.Rows[2].Parameters + table.Rows[3].Parameters + table.Rows[5].Parameters, table.Trained);
        Assert.Contains("not used", table.ToString(), StringComparison.Ordinal);

        var whole = new ParameterGroups(model).Table;
        Assert.Equal(["patch embedding and positions", "blocks 0-2", "neck", "head"], whole.Rows.Select(row => row.Part));
    }

    [Fact]
    public void The_full_size_UNETR_on_inflated_SAM_has_the_counts_of_hand_and_trains_its_head_alone_when_frozen()
    {
        set_default_device(META);
        try
        {
            using var unetr = Unetr.Create(new UnetrOptions { Backbone = EncoderOptions.InflatedSamViTB, ClassCount = 14 });
            var table = new ParameterGroups(unetr, new FreezeEncoder()).Table;
            long block = 4 * 768 + (768 * 2304 + 2304) + (768 * 768 + 768) + (768 * 3072 + 3072) + (3072 * 768 + 768);
            Assert.Equal(768 * 4096 + 768 + 512 * 768, table.Rows[0].Parameters);
            Assert.Equal(12 * block + 8 * 3 * 27 * 64 + 4 * 3 * 15 * 64, table.Rows.Where(row => row.Part.StartsWith("block", StringComparison.Ordinal)).Sum(row => row.Parameters));
            Assert.Equal(768 * 256 + 512 + 256 * 256 * 27 + 512, table.Rows[^2].Parameters);
            Assert.Equal(table.Rows[^1].Parameters, table.Trained);
        }
        finally
        {
            set_default_device(CPU);
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        using var model = TinyUnetr();
        Assert.Contains("names block 3, but the encoder has blocks 0 to 2",
            Assert.Throws<ArgumentException>(() => new ParameterGroups(model, new FreezeUpToBlock { Block = 3 })).Message, StringComparison.Ordinal);
        using var plain = Sequential(("conv", Conv3d(1, 2, 1)));
        Assert.Contains("one encoder to freeze", Assert.Throws<ArgumentException>(() => new ParameterGroups(plain, new FreezeEncoder())).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new UnfreezeGradually { AfterSteps = 0 }.Validated());
        Assert.Throws<ArgumentException>(() => (Short with { LayerRateDecay = 0 }).Validated());
    }

    [Fact]
    public void After_training_everything_wants_gradients_as_before()
    {
        using var model = TinyUnetr();
        using (var trainer = new Trainer(model, Short with { Steps = 1, Freezing = new FreezeEncoder() }))
            trainer.Run(new CubeBatches());
        Assert.All(model.parameters(), parameter => Assert.True(parameter.requires_grad));
    }

    public static TheoryData<string> Starts => ["Replicate", "ReplicateMean", "Centre", "transformer off", "frozen", "gradual"];

    [Theory]
    [MemberData(nameof(Starts))]
    public void A_bright_cube_is_learned_from_every_start(string start)
    {
        using var model = TinyUnetr(hasTransformer: start != "transformer off");
        if (Enum.TryParse(start, out InflationVariant variant))
        {
            using var planar = new Sam2dEncoder(new Sam2dEncoderOptions
            {
                ImageSize = 16, PatchSize = 4, EmbeddingWidth = 8, BlockCount = 3, HeadCount = 2, WindowSize = 0, GlobalBlocks = [], OutputChannels = 16,
            });
            WeightInflationTests.Randomise(planar);
            using var weights = new MemoryWeights(planar.state_dict());
            Assert.True(WeightLoader.LoadInflated(model, weights, new InflationOptions { Variant = variant }).IsComplete);
        }

        using var trainer = new Trainer(model, Short with
        {
            Steps = 60, Freezing = start switch { "frozen" => new FreezeEncoder(), "gradual" => new UnfreezeGradually { AfterSteps = 10, StepsPerBlock = 5 }, _ => new FreezeNothing() },
        });
        var losses = new List<double>();
        trainer.Run(new CubeBatches(), new Reports<TrainingProgress<SegmentationScores>>(report => losses.Add(report.Loss)));
        double first = losses.Take(5).Average(), last = losses.TakeLast(5).Average();
        Assert.True(last < 0.7 * first, $"The loss went from {first} to {last} only.");
    }

    internal static Unetr TinyUnetr(bool hasTransformer = true)
    {
        var model = Unetr.Create(new UnetrOptions
        {
            Backbone = new EncoderOptions
            {
                ImageSize = 8, PatchSize = 4, EmbeddingWidth = 8, BlockCount = 3, HeadCount = 2, WindowSize = 0, GlobalBlocks = [], OutputChannels = 16,
                RelativePosition = RelativePosition.Decomposed, HasTransformer = hasTransformer,
            },
            FeatureSize = 4, ClassCount = 2, HasAffineNorm = true,
        });
        WeightInflationTests.Randomise(model);
        return model;
    }

    private static bool IsIn(string parameter, params string[] parts) =>
        parts.Any(part => parameter.StartsWith("vit." + part, StringComparison.Ordinal));
}
