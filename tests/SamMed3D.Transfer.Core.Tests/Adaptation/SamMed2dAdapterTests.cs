namespace SamMed3D.Transfer.Tests;

public class SamMed2dAdapterTests
{
    private static readonly Sam2dEncoderOptions Tiny = new()
    {
        ImageSize = 64, EmbeddingWidth = 24, BlockCount = 2, HeadCount = 3, OutputChannels = 16, WindowSize = 3, GlobalBlocks = [1], HasAdapters = true,
    };

    [Theory]
    [InlineData(8)]
    [InlineData(24)]
    [InlineData(48)]
    public void Its_matrix_products_are_the_convolutions_in_float64(int width)
    {
        using var adapter = new SamMed2dAdapter(width);
        adapter.to(ScalarType.Float64);
        using var scope = NewDisposeScope();
        var input = randn([2, 6, 4, width], dtype: ScalarType.Float64, generator: new Generator(3));
        var state = adapter.state_dict();
        Tensor Weight(string name) => state[name];
        var gate = sigmoid(matmul(matmul(input.mean([1, 2]), Weight("channel.0.weight").t()).relu(), Weight("channel.2.weight").t()));
        var gated = (input * gate.view(2, 1, 1, width)).permute(0, 3, 1, 2).contiguous();
        var halved = nn.functional.conv2d(gated, Weight("spatial.0.weight"), strides: [2, 2], padding: [1, 1]).relu();
        var restored = nn.functional.conv_transpose2d(halved, Weight("spatial.2.weight"), strides: [2, 2], padding: [1, 1]).relu();
        var expected = nn.functional.layer_norm(input + restored.permute(0, 2, 3, 1), [width]);
        Assert.InRange((adapter.call(input) - expected).abs().max().item<double>(), 0, 1e-12);
    }

    [Fact]
    public void The_adapters_alone_get_gradients()
    {
        // One start in 64 has no living unit behind the channel gate's six.
        Sam2dEncoder seeded;
        using (new SeededGenerator(1))
            seeded = new Sam2dEncoder(Tiny);
        using var encoder = seeded;
        using var scope = NewDisposeScope();
        encoder.call(randn([1, 3, 64, 64], generator: new Generator(3))).pow(3).sum().backward();
        foreach (var (name, parameter) in encoder.named_parameters())
            Assert.True(name.Contains(".Adapter.", StringComparison.Ordinal) == (parameter.grad is { } gradient && gradient.abs().max().item<float>() > 0), name);
    }

    [Fact]
    public void An_odd_grid_is_refused() =>
        Assert.Contains("even", Assert.Throws<ArgumentException>(() => new Sam2dEncoder(Tiny with { ImageSize = 48 })).Message, StringComparison.Ordinal);

    [Fact]
    public void A_forward_leaves_nothing_behind_but_its_output()
    {
        using var encoder = new Sam2dEncoder(Tiny);
        using var image = randn([1, 3, 64, 64], generator: new Generator(3));
        encoder.call(image).Dispose();
        long before = LiveTensors.Before();
        using (encoder.call(image))
            Assert.Equal(before + 1, LiveTensors.Now);
    }
}
