namespace SamMed3D.Transfer.Tests;

public class GradientCheckpointingTests
{
    private static readonly EncoderOptions Tiny = new()
    {
        ImageSize = 16, PatchSize = 4, EmbeddingWidth = 16, BlockCount = 3, HeadCount = 2, WindowSize = 3, GlobalBlocks = [1], OutputChannels = 16,
    };

    private static readonly Dictionary<string, Func<Backbone>> Encoders = new()
    {
        ["all learns"] = () => new ImageEncoder(Tiny),
        ["lora with dropout"] = () => new ImageEncoder(Tiny with { Adapter = new LoraOptions { Rank = 2, Dropout = 0.4, Targets = [LoraTarget.Qkv, LoraTarget.Mlp] } }),
        ["depth-aware"] = () => new ImageEncoder(Tiny with { Adapter = new DepthAwareOptions() }),
        ["plain ViT"] = () => new PlainViT(new PlainViTOptions { ImageSize = 16, PatchSize = 4, EmbeddingWidth = 16, BlockCount = 2, HeadCount = 2, MlpWidth = 32 }),
        ["first blocks frozen"] = () =>
        {
            var encoder = new ImageEncoder(Tiny);
            foreach (var (name, parameter) in encoder.named_parameters())
                parameter.requires_grad = name.StartsWith("blocks.2", StringComparison.Ordinal) || name.StartsWith("neck", StringComparison.Ordinal);
            return encoder;
        },
    };

    public static TheoryData<string, ComputePrecision> Cases()
    {
        var cases = new TheoryData<string, ComputePrecision>();
        foreach (string name in Encoders.Keys)
            foreach (var precision in new[] { ComputePrecision.Float32, ComputePrecision.Bfloat16 })
                cases.Add(name, precision);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Outputs_and_gradients_are_the_same_to_the_bit(string name, ComputePrecision precision)
    {
        using var encoder = Encoders[name]();
        using (no_grad())
            foreach (var parameter in encoder.parameters())
                parameter.add_(0.02);
        MixedPrecision.Apply(encoder, precision);
        using var scope = NewDisposeScope();
        var volume = randn([2, 1, 16, 16, 16], generator: new Generator(3));
        var random = get_rng_state();
        var (expected, gradients, after) = Run();
        GradientCheckpointing.Apply(encoder, true);
        var (output, again, afterwards) = Run();

        Assert.True(output.equal(expected).all().item<bool>());
        Assert.NotEmpty(gradients);
        Assert.Equal(gradients.Keys, again.Keys);
        Assert.All(gradients.Keys, key => Assert.True(gradients[key].equal(again[key]).all().item<bool>(), key));
        Assert.True(after.equal(afterwards).all().item<bool>());

        (Tensor, Dictionary<string, Tensor>, Tensor) Run()
        {
            set_rng_state(random);
            encoder.zero_grad();
            var result = encoder.call(volume);
            result.square().mean().backward();
            return (result.detach(), encoder.named_parameters().Where(entry => entry.parameter.grad is not null)
                .ToDictionary(entry => entry.name, entry => entry.parameter.grad!.clone()), get_rng_state());
        }
    }

    [Fact]
    public void A_checkpointed_step_leaves_no_tensor_behind_and_fewer_in_between()
    {
        using var encoder = Encoders["lora with dropout"]();
        using var volume = randn([1, 1, 16, 16, 16]);
        void Step()
        {
            using var scope = NewDisposeScope();
            encoder.call(volume).square().mean().backward();
            encoder.zero_grad();
        }

        GradientCheckpointing.Apply(encoder, true);
        Step();
        long before = LiveTensors.Before();
        for (var i = 0; i < 3; i++)
            Step();
        Assert.Equal(before, LiveTensors.Now);
    }

    [Fact]
    public void A_graph_that_is_never_asked_for_gradients_is_released()
    {
        using var encoder = Encoders["all learns"]();
        using var volume = randn([1, 1, 16, 16, 16]);
        GradientCheckpointing.Apply(encoder, true);
        encoder.call(volume).Dispose();
        long before = LiveTensors.Before();
        encoder.call(volume).Dispose();
        Assert.Equal(before, LiveTensors.Now);
    }

    [Fact]
    public void A_model_without_an_encoder_is_told_so()
    {
        using var module = nn.Linear(2, 2);
        Assert.Contains("no encoder", Assert.Throws<ArgumentException>(() => GradientCheckpointing.Apply(module, true)).Message, StringComparison.Ordinal);
        GradientCheckpointing.Apply(module, false);
    }
}
