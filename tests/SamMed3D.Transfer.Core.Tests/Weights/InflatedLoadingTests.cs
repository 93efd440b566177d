namespace SamMed3D.Transfer.Tests;

/// <summary>The ledger of inflation, at full size without the memory, and what is refused.</summary>
public sealed class InflatedLoadingTests
{
    public static TheoryData<string> Sizes => ["vit_b", "vit_l", "vit_h"];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Every_tensor_of_each_size_of_SAM_is_accounted_for(string size)
    {
        var (planar, options) = Pair(size);
        using var source = OnMeta(() => new Sam2dEncoder(planar));
        using var encoder = OnMeta(() => new ImageEncoder(options));
        using var weights = new ShapesOnly([
            .. source.state_dict().Select(entry => KeyValuePair.Create("image_encoder." + entry.Key, entry.Value.shape)),
            KeyValuePair.Create("prompt_encoder.no_mask_embed.weight", new long[] { 1, 256 }), KeyValuePair.Create("mask_decoder.iou_token.weight", new long[] { 1, 256 }),
        ]);

        var report = WeightLoader.LoadInflated(encoder, weights, new InflationOptions { Variant = InflationVariant.ReplicateMean });

        Assert.Equal($"2D SAM or MedSAM ({size})", report.Family.Name);
        Assert.True(report.IsComplete);
        Assert.Equal((1.0, 1.0), (report.Coverage, report.TensorCoverage));
        Assert.Empty(report.Unexpected);
        Assert.Equal(["prompt_encoder.no_mask_embed.weight", "mask_decoder.iou_token.weight"], report.Ignored);
        Assert.All(report.Sources.Take(report.Sources.Count - 2), entry => Assert.Equal(SourceUse.Used, entry.Use));
        // The patch kernel, the positions, both kernels of the neck and three tables a block; whatever has no axis of the volume is copied.
        Assert.Equal(4 + 3 * options.BlockCount, report.Count(LoadOutcome.Inflated));
        Assert.Equal(report.Entries.Count, report.Count(LoadOutcome.Inflated) + report.Count(LoadOutcome.Loaded));
        Assert.Equal(
            ["blocks.0.attn.rel_pos_d", "blocks.0.attn.rel_pos_w"],
            report.Sources.Single(entry => entry.Key == "image_encoder.blocks.0.attn.rel_pos_w").Targets);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void The_inflated_encoders_have_as_many_parameters_as_counted_by_hand(string size)
    {
        var (_, options) = Pair(size);
        using var encoder = OnMeta(() => new ImageEncoder(options));
        long width = options.EmbeddingWidth, blocks = options.BlockCount, head = width / options.HeadCount;
        long block = 4 * width + (width * 3 * width + 3 * width) + (width * width + width) + (width * 4 * width + 4 * width) + (4 * width * width + width);
        long tables = 3 * head * ((blocks - 4) * 27 + 4 * 15);      // windows of 14 tokens, and a grid of 8 in the four global blocks
        long embedding = (width * 16 * 16 * 16 + width) + 8 * 8 * 8 * width;
        long neck = width * 256 + 2 * 256 + 256 * 256 * 27 + 2 * 256;
        Assert.Equal(embedding + blocks * block + tables + neck, encoder.parameters().Sum(parameter => parameter.numel()));
    }

    [Fact]
    public void The_ledger_says_how_each_tensor_got_its_third_axis()
    {
        var planar = WeightInflationTests.Planar(inputChannels: 3);
        using var source = new Sam2dEncoder(planar);
        using var unetr = Unetr.Create(new UnetrOptions
        {
            Backbone = WeightInflationTests.Encoder(planar, 8) with { InputChannels = 1 }, Taps = [0, 1], FeatureSize = 2, ClassCount = 2,
        });
        using var weights = new MemoryWeights(source.state_dict());

        var report = WeightLoader.LoadInflated(unetr, weights, new InflationOptions { Variant = InflationVariant.Centre, NewAxis = VolumeAxis.X });

        string? How(string name) => report.Entries.Single(entry => entry.Name == $"vit.{name}").How;
        Assert.Equal("4x4 kernel in the middle of x, zeros elsewhere; input channels 3 -> 1, the kernels added", How("patch_embed.proj.weight"));
        Assert.Equal("positions repeated along x; positions, trilinear", How("pos_embed"));
        Assert.Equal("relative positions of the image's columns for x", How("blocks.0.attn.rel_pos_d"));
        Assert.Equal("relative positions of the image's rows for z; relative positions, linear", How("blocks.1.attn.rel_pos_w"));
        Assert.Equal("1x1 kernel as 1x1x1", How("neck.0.weight"));
        Assert.Equal("3x3 kernel in the middle of x, zeros elsewhere", How("neck.2.weight"));
        Assert.Null(How("blocks.0.attn.qkv.weight"));
        Assert.Contains("inflated from 2D to 3D: variant centre, new axis x", report.Summary, StringComparison.Ordinal);
        Assert.Contains("10 inflated, 0 resized", report.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void The_published_relative_positions_are_refused_unless_that_is_said()
    {
        var planar = WeightInflationTests.Planar(inputChannels: 1);
        using var source = new Sam2dEncoder(planar);
        using var weights = new MemoryWeights(source.state_dict());
        using var encoder = new ImageEncoder(WeightInflationTests.Encoder(planar, 8) with { RelativePosition = RelativePosition.Published });
        Assert.Contains("AllowsPublishedPositions", Refusal(encoder, weights), StringComparison.Ordinal);
        Assert.True(WeightLoader.LoadInflated(encoder, weights, new InflationOptions { AllowsPublishedPositions = true }).IsComplete);
        using var without = new ImageEncoder(WeightInflationTests.Encoder(planar, 8) with { RelativePosition = RelativePosition.None });
        Assert.Contains("the encoder has no relative positions", Refusal(without, weights), StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_that_are_3D_already_and_encoders_of_another_kind_are_refused()
    {
        var planar = WeightInflationTests.Planar(inputChannels: 1);
        using var source = new Sam2dEncoder(planar);
        using var encoder = new ImageEncoder(WeightInflationTests.Encoder(planar, 8));
        using (var weights = new MemoryWeights(encoder.state_dict()))
            Assert.Contains("it was recognised as SAM-Med3D encoder alone", Refusal(encoder, weights), StringComparison.Ordinal);
        using var plain = new PlainViT(new PlainViTOptions { ImageSize = 8, PatchSize = 4, EmbeddingWidth = 12, BlockCount = 2, HeadCount = 2, MlpWidth = 48 });
        using (var weights = new MemoryWeights(source.state_dict()))
            Assert.Contains("2D SAM's weights fit SAM-Med3D's kind of encoder alone", Refusal(plain, weights), StringComparison.Ordinal);
    }

    [Fact]
    public void A_neck_of_another_width_is_refused_unless_it_stays_random()
    {
        var planar = WeightInflationTests.Planar(inputChannels: 1);
        using var source = new Sam2dEncoder(planar);
        using var encoder = new ImageEncoder(WeightInflationTests.Encoder(planar, 8) with { OutputChannels = 32 });
        using var weights = new MemoryWeights(source.state_dict());
        using var before = encoder.state_dict()["patch_embed.proj.weight"].clone();
        Assert.Contains("neck.0.weight is [32, 12, 1, 1, 1], the file has [16, 12, 1, 1]", Refusal(encoder, weights), StringComparison.Ordinal);
        using (var after = encoder.state_dict()["patch_embed.proj.weight"].alias())
            Assert.True(after.equal(before).all().item<bool>());
        var report = WeightLoader.LoadInflated(encoder, weights, policy: LoadPolicy.Inflating with { KeepInitial = ["neck."] });
        Assert.Equal(6, report.Count(LoadOutcome.Initialised));
        Assert.True(report.IsComplete);
    }

    private static string Refusal(nn.Module module, IWeightSource weights) =>
        Assert.Throws<WeightsRefusedException>(() => WeightLoader.LoadInflated(module, weights)).Message;

    private static (Sam2dEncoderOptions Planar, EncoderOptions Inflated) Pair(string size) => size switch
    {
        "vit_b" => (Sam2dEncoderOptions.ViTB, EncoderOptions.InflatedSamViTB),
        "vit_l" => (Sam2dEncoderOptions.ViTL, EncoderOptions.InflatedSamViTL),
        _ => (Sam2dEncoderOptions.ViTH, EncoderOptions.InflatedSamViTH),
    };

    private static T OnMeta<T>(Func<T> create)
    {
        set_default_device(META);
        try
        {
            return create();
        }
        finally
        {
            set_default_device(CPU);
        }
    }

    /// <summary>Tensors of full size in the memory of one number.</summary>
    private sealed class ShapesOnly(IReadOnlyList<KeyValuePair<string, long[]>> shapes) : IWeightSource
    {
        public string Origin => "shapes";

        public IReadOnlyList<WeightInfo> Tensors { get; } = [.. shapes.Select(entry => new WeightInfo(entry.Key, entry.Value, ScalarType.Float32))];

        public Tensor Read(string name)
        {
            using var one = zeros([], ScalarType.Float32);
            return one.expand(shapes.Single(entry => entry.Key == name).Value);
        }

        public void Dispose()
        {
        }
    }
}
