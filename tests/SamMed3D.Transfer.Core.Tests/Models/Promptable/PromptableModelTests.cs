namespace SamMed3D.Transfer.Tests;

public class PromptableModelTests
{
    [Fact]
    public void The_released_model_has_the_published_keys_and_shapes() =>
        Approved.Keys("PromptableModel.SamMed3D", () => new PromptableModel(PromptableModelOptions.SamMed3D));

    [Fact]
    public void The_released_model_has_the_published_number_of_parameters() =>
        Assert.Equal(100_509_232, Approved.CountParameters(() => new PromptableModel(PromptableModelOptions.SamMed3D)));

    [Fact]
    public void Encoder_and_heads_of_other_sizes_are_refused_with_both_sides()
    {
        var problem = Assert.Throws<ArgumentException>(() =>
            new PromptableModel(TinyPromptable.Options with { Decoder = new MaskDecoderOptions { Width = 96 } }));
        Assert.Contains("48 channels", problem.Message, StringComparison.Ordinal);
        Assert.Contains("96", problem.Message, StringComparison.Ordinal);
        problem = Assert.Throws<ArgumentException>(() =>
            new PromptableModel(TinyPromptable.Options with { Prompts = new PromptEncoderOptions { Width = 48 } }));
        Assert.Contains("128x128x128", problem.Message, StringComparison.Ordinal);
        Assert.Contains("32x32x32", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_volume_of_another_size_is_refused()
    {
        using var model = TinyPromptable.Create();
        using var volume = zeros([1, 1, 24, 32, 32]);
        var problem = Assert.Throws<ArgumentException>(() => model.Encode(volume));
        Assert.Contains("[N, 1, 32, 32, 32]", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_parameter_gets_a_gradient_when_masks_are_both_given_and_missing()
    {
        using var model = TinyPromptable.Create();
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        var embedding = model.Encode(randn([1, 1, 32, 32, 32], generator: generator));
        var points = tensor(new long[] { 3, 20, 9, 30, 1, 2 }).view(1, 2, 3);
        var labels = tensor(new long[] { 1, 0 }).view(1, 2);
        var first = model.Decode(embedding, PromptBatch.Of(points, labels));
        var second = model.Decode(embedding, PromptBatch.Of(points, labels, first.Masks), wantsAlternatives: true);
        (second.Masks.square().sum() + second.PredictedIou.square().sum()).backward();
        Assert.All(model.named_parameters(), entry => Assert.True(
            entry.parameter.grad is { } gradient && gradient.abs().max().item<float>() > 0
                || entry.name.Contains("k_proj.bias", StringComparison.Ordinal), entry.name));
    }

    [Fact]
    public void Several_objects_in_one_volume_are_what_each_is_alone()
    {
        using var model = TinyPromptable.Create();
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var embedding = model.Encode(randn([1, 1, 32, 32, 32], generator: new Generator(3)));
        var points = tensor(new float[] { 3, 20, 9, 30, 1, 2, 15, 15, 16 }).view(3, 1, 3);
        var labels = ones(3, 1);
        var together = model.Decode(embedding, PromptBatch.Of(points, labels));
        for (int one = 0; one < 3; one++)
        {
            var alone = model.Decode(embedding, PromptBatch.Of(points.narrow(0, one, 1), labels.narrow(0, one, 1)));
            Assert.InRange((alone.Masks[0] - together.Masks[one]).abs().max().item<float>(), 0, 1e-4);
        }
    }

    [Fact]
    public void A_forward_leaves_nothing_behind_but_its_output()
    {
        using var model = TinyPromptable.Create();
        using var volume = randn([1, 1, 32, 32, 32], generator: new Generator(3));
        using var points = tensor(new float[] { 3, 20, 9 }).view(1, 1, 3);
        using var labels = ones(1, 1);
        using var mask = zeros([1, 1, 16, 16, 16]);
        var prompts = PromptBatch.Of(points, labels, mask);
        model.call(volume, prompts, false).Dispose();

        long before = LiveTensors.Before();
        using (model.call(volume, prompts, true))
            Assert.Equal(before + 2, Tensor.TotalCount);
        using (model.PromptEncoder.call(new PromptBatch()))
            Assert.Equal(before + 2, Tensor.TotalCount);
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Float32_gives_what_float64_gives_for_channels_that_break_the_convolution_kernels()
    {
        // 48 / 4 = 12 and 48 / 8 = 6 channels in the upscaling, 8 and 2 in the downscaling.
        using var model = TinyPromptable.Create();
        using var scope = NewDisposeScope();
        var volume = randn([2, 1, 32, 32, 32], generator: new Generator(3));
        var mask = randn([2, 1, 16, 16, 16], generator: new Generator(4));
        var (masks, gradient) = Run(ScalarType.Float32);
        model.to(ScalarType.Float64);
        var (exactMasks, exactGradient) = Run(ScalarType.Float64);
        Assert.InRange((masks - exactMasks).abs().max().item<double>() / exactMasks.abs().max().item<double>(), 0, 1e-4);
        Assert.InRange((gradient - exactGradient).abs().max().item<double>() / exactGradient.abs().max().item<double>(), 0, 1e-3);

        (Tensor Masks, Tensor Gradient) Run(ScalarType type)
        {
            var given = mask.to(type).detach().requires_grad_();
            var prediction = model.call(volume.to(type), PromptBatch.OfMasks(given), true);
            prediction.Masks.square().mean().backward();
            return (prediction.Masks.to(ScalarType.Float64).detach(), given.grad!.to(ScalarType.Float64));
        }
    }
}
