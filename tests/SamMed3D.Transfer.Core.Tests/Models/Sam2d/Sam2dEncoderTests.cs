namespace SamMed3D.Transfer.Tests;

public sealed class Sam2dEncoderTests
{
    internal static Sam2dEncoderOptions Tiny { get; } = new()
    {
        ImageSize = 32, PatchSize = 8, EmbeddingWidth = 16, BlockCount = 2, HeadCount = 2, OutputChannels = 16, WindowSize = 3, GlobalBlocks = [1],
    };

    [Fact]
    public void Every_parameter_gets_a_gradient_and_a_step_leaves_nothing_behind()
    {
        using var encoder = new Sam2dEncoder(Tiny);
        using var image = randn(2, 3, 32, 32);
        long before = LiveTensors.Before();
        using (NewDisposeScope())
        {
            var output = encoder.call(image);
            Assert.Equal([2, 16, 4, 4], output.shape);
            (output * randn_like(output)).sum().backward();
            Assert.All(encoder.named_parameters(), entry => Assert.True(
                entry.parameter.grad is { } gradient && gradient.abs().max().item<float>() > 0, entry.name));
            encoder.zero_grad();
        }

        Assert.Equal(before, LiveTensors.Now);
    }

    [Fact]
    public void An_image_of_another_size_is_refused_with_both_sizes()
    {
        using var encoder = new Sam2dEncoder(Tiny);
        using var image = zeros(1, 1, 32, 48);
        Assert.StartsWith("Expected an image [N, 3, 32, 32], got [1, 1, 32, 48]", Assert.Throws<ArgumentException>(() => encoder.call(image)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_contradict_each_other_are_refused() => Assert.Contains(
        "ImageSize 30 is not a multiple of PatchSize 8",
        Assert.Throws<ArgumentException>(() => new Sam2dEncoder(Tiny with { ImageSize = 30 })).Message, StringComparison.Ordinal);
}
