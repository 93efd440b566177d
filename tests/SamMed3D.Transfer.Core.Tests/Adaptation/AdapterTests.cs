namespace SamMed3D.Transfer.Tests;

public class AdapterTests
{
    private static readonly EncoderOptions Tiny = new()
    {
        ImageSize = 40, PatchSize = 8, EmbeddingWidth = 24, BlockCount = 2, HeadCount = 3, OutputChannels = 16, WindowSize = 3, GlobalBlocks = [1],
    };

    private static readonly LoraOptions Lora = new() { Rank = 3, Alpha = 5, Targets = [LoraTarget.Qkv, LoraTarget.Projection, LoraTarget.Mlp] };

    public static TheoryData<AdapterOptions> Added() => new()
    {
        Lora,
        Lora with { Targets = [LoraTarget.Qkv], Dropout = 0.5 },
        new BottleneckOptions { Width = 5 },
        new BottleneckOptions { Width = 5, Placement = BottleneckPlacement.Series, Scale = 0.1 },
        new DepthAwareOptions(),
    };

    public static TheoryData<AdapterOptions> All()
    {
        var all = Added();
        all.Add(new DepthAwareOptions { StartsAsIdentity = false, Reduction = 3 });
        all.Add(new BiasOnlyOptions());
        all.Add(new NormOnlyOptions());
        return all;
    }

    [Theory]
    [MemberData(nameof(Added))]
    public void An_untrained_adapter_leaves_the_pretrained_encoder_as_it_was(AdapterOptions adapter)
    {
        using var plain = Randomized(Tiny);
        using var adapted = Adapted(plain, adapter);
        using var volume = Volume();
        adapted.eval();
        using var expected = plain.call(volume);
        using var output = adapted.call(volume);
        // Not to the bit: matrix products of equal values round by where these lie in memory.
        Assert.InRange(Difference(expected, output), 0, 1e-5);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Pretrained_keys_and_shapes_are_unchanged(AdapterOptions adapter)
    {
        using var plain = new ImageEncoder(Tiny);
        using var adapted = new ImageEncoder(Tiny with { Adapter = adapter });
        string[] Keys(ImageEncoder encoder) => [.. encoder.state_dict().Where(entry => !AdapterOptions.IsAdded(entry.Key))
            .Select(entry => $"{entry.Key} [{string.Join(", ", entry.Value.shape)}]").Order(StringComparer.Ordinal)];
        Assert.Equal(Keys(plain), Keys(adapted));
        bool isAdding = adapter is LoraOptions or BottleneckOptions or DepthAwareOptions;
        Assert.Equal(isAdding, adapted.state_dict().Count > plain.state_dict().Count);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Exactly_what_should_learn_gets_a_gradient(AdapterOptions adapter)
    {
        using var encoder = Randomized(Tiny with { Adapter = adapter });
        using var volume = Volume();
        encoder.eval();
        using var scope = NewDisposeScope();
        encoder.call(volume).pow(3).sum().backward();
        foreach (var (name, parameter) in encoder.named_parameters())
        {
            bool learns = adapter switch
            {
                LoraOptions => name.Contains("lora_", StringComparison.Ordinal),
                BottleneckOptions or DepthAwareOptions => name.Contains("adapter.", StringComparison.Ordinal),
                BiasOnlyOptions => name.EndsWith("bias", StringComparison.Ordinal),
                _ => name.Contains("norm", StringComparison.Ordinal) || name.StartsWith("neck.1.", StringComparison.Ordinal) || name.StartsWith("neck.3.", StringComparison.Ordinal),
            };
            Assert.Equal(learns, parameter.requires_grad);
            Assert.True(learns == (parameter.grad is { } gradient && gradient.abs().max().item<float>() > 0), name);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_step_leaves_nothing_behind(AdapterOptions adapter)
    {
        using var encoder = Randomized(Tiny with { Adapter = adapter });
        using var volume = Volume();
        void Step()
        {
            using var scope = NewDisposeScope();
            encoder.call(volume).sum().backward();
        }

        Step();
        long before = LiveTensors.Before();
        Step();
        Assert.Equal(before, LiveTensors.Now);
    }

    [Theory]
    [InlineData(ScalarType.Float32, 1e-5)]
    [InlineData(ScalarType.Float64, 1e-12)]
    public void Merged_lora_computes_the_same(ScalarType type, double tolerance)
    {
        using var adapted = Randomized(Tiny with { Adapter = Lora });
        adapted.to(type);
        using var plain = new ImageEncoder(Tiny);
        plain.to(type);
        using var volume = Volume().to(type);
        using var before = plain.call(volume);

        var merged = LoraMerge.MergedState(adapted);
        using (var source = new MemoryWeights(merged))
            Assert.True(WeightLoader.Load(plain, source).IsComplete);

        using var expected = adapted.call(volume);
        using var output = plain.call(volume);
        Assert.InRange(Difference(expected, output), 0, tolerance);
        Assert.True(Difference(before, output) > 0.1);
        foreach (var tensor in merged.Values)
            tensor.Dispose();
    }

    [Fact]
    public void A_lora_layer_is_the_linear_layer_plus_alpha_by_rank_times_the_product()
    {
        using var layer = LoraLinear.Create(4, 6, Lora, LoraTarget.Mlp);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var state = layer.state_dict();
        Assert.Equal(["weight", "bias", "lora_a", "lora_b"], state.Keys);
        state["lora_b"].add_(1);
        var input = randn([2, 4], generator: new Generator(3));
        var expected = matmul(input, (state["weight"] + matmul(state["lora_b"], state["lora_a"]) * (5.0 / 3)).t()) + state["bias"];
        Assert.InRange(Difference(expected, layer.call(input)), 0, 1e-5);
    }

    [Fact]
    public void Dropout_of_lora_acts_in_training_alone()
    {
        using var encoder = Randomized(Tiny with { Adapter = Lora with { Dropout = 0.5 } });
        using var volume = Volume();
        using var scope = NewDisposeScope();
        encoder.train();
        Assert.True(Difference(encoder.call(volume), encoder.call(volume)) > 0);
        encoder.eval();
        Assert.Equal(0, Difference(encoder.call(volume), encoder.call(volume)));
    }

    [Fact]
    public void A_model_without_lora_cannot_be_merged()
    {
        using var encoder = new ImageEncoder(Tiny with { Adapter = new BottleneckOptions { Width = 4 } });
        Assert.Contains("no LoRA", Assert.Throws<ArgumentException>(() => LoraMerge.MergedState(encoder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Contradictions))]
    public void Options_that_make_no_sense_are_refused_by_name(AdapterOptions adapter, string name) =>
        Assert.Contains(name, Assert.Throws<ArgumentException>(() => new ImageEncoder(Tiny with { Adapter = adapter })).Message, StringComparison.Ordinal);

    public static TheoryData<AdapterOptions, string> Contradictions() => new()
    {
        { Lora with { Rank = 0 }, "Rank" },
        { Lora with { Alpha = double.NaN }, "Alpha" },
        { Lora with { Dropout = 1 }, "Dropout" },
        { Lora with { Targets = [] }, "Targets" },
        { new BottleneckOptions { Width = 0 }, "Width" },
        { new BottleneckOptions { Scale = 0 }, "Scale" },
        { new DepthAwareOptions { Reduction = 0 }, "Reduction" },
        { new DepthAwareOptions { Reduction = 5 }, "Reduction" },
    };

    [Theory]
    [MemberData(nameof(FullSize))]
    public void At_full_size_what_learns_is_as_much_as_counted_by_hand(AdapterOptions adapter, long expected) => Assert.Equal(
        expected,
        Approved.CountParameters(() => new ImageEncoder(EncoderOptions.SamMed3D with { Adapter = adapter }), parameter => parameter.requires_grad));

    public static TheoryData<AdapterOptions, long> FullSize()
    {
        const long c = 768, blocks = 12;
        return new()
        {
            { new LoraOptions(), blocks * 8 * (c + 3 * c + c + c) },
            { new LoraOptions { Targets = [LoraTarget.Mlp] }, blocks * 8 * (2 * (c + 4 * c)) },
            { new BottleneckOptions(), blocks * (2 * 64 * c + 64 + c) },
            { new BottleneckOptions { Placement = BottleneckPlacement.Series }, 2 * blocks * (2 * 64 * c + 64 + c) },
            { new DepthAwareOptions(), blocks * (2 * 384 * c + 384 + c + 28 * 384) },
            { new BiasOnlyOptions(), c + blocks * (3 * c + c + 4 * c + c + 2 * c) + 2 * 384 },
            { new NormOnlyOptions(), blocks * 4 * c + 4 * 384 },
        };
    }

    private static Tensor Volume() => randn([1, 1, 40, 40, 40], generator: new Generator(3));

    private static double Difference(Tensor left, Tensor right)
    {
        using var scope = NewDisposeScope();
        return (left - right).abs().max().to(ScalarType.Float64).item<double>();
    }

    /// <summary>An adapted encoder with the pretrained one's weights.</summary>
    private static ImageEncoder Adapted(ImageEncoder plain, AdapterOptions adapter)
    {
        var adapted = new ImageEncoder(Tiny with { Adapter = adapter });
        using var source = new MemoryWeights(plain.state_dict());
        WeightLoader.LoadEncoder(adapted, source, new LoadPolicy
        {
            AllowMissing = [.. adapted.named_parameters().Select(entry => entry.name).Where(AdapterOptions.IsAdded)],
        });
        return adapted;
    }

    private static ImageEncoder Randomized(EncoderOptions options)
    {
        var encoder = new ImageEncoder(options);
        using var noGradient = no_grad();
        using var generator = new Generator(11);
        foreach (var parameter in encoder.parameters())
        {
            using var noise = randn(parameter.shape, generator: generator) * 0.1;
            parameter.add_(noise);
        }

        return encoder;
    }
}
