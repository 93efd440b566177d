namespace SamMed3D.Transfer.Tests;

public class DecoderConvolutionTests
{
    /// <summary>Rounding of float32 sums over at most 96 x 27 products, relative to the largest value.</summary>
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData(1, 2)]
    [InlineData(8, 8)]
    [InlineData(24, 24)]
    [InlineData(24, 16)]
    [InlineData(48, 24)]
    [InlineData(48, 48)]
    [InlineData(96, 16)]
    [InlineData(32, 48)]
    public void Results_do_not_depend_on_what_was_in_memory_before(int inputChannels, int outputChannels)
    {
        using var same = DecoderConvolution.Same(inputChannels, outputChannels, kernel: 3);
        AssertLikeFloat64(same, inputChannels);
        using var doubling = DecoderConvolution.Doubling(inputChannels, outputChannels);
        AssertLikeFloat64(doubling, inputChannels);
    }

    private static void AssertLikeFloat64(DecoderConvolution convolution, int inputChannels)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        var input = randn([2, inputChannels, 12, 8, 8], generator: generator);
        var (output, inputGradient, weightGradient) = Run(convolution, input);
        convolution.to(ScalarType.Float64);
        var (expected, expectedInput, expectedWeight) = Run(convolution, input.to(ScalarType.Float64));
        AssertClose(expected, output);
        AssertClose(expectedInput, inputGradient);
        AssertClose(expectedWeight, weightGradient);
    }

    private static (Tensor Output, Tensor InputGradient, Tensor WeightGradient) Run(DecoderConvolution convolution, Tensor input)
    {
        convolution.zero_grad();
        var volume = input.detach().requires_grad_();
        FillFreedMemoryWithNaN();
        var output = convolution.call(volume);
        FillFreedMemoryWithNaN();
        (output * output).sum().backward();
        return (output, volume.grad!, convolution.parameters().Single().grad!.clone());
    }

    private static void FillFreedMemoryWithNaN()
    {
        using var scope = NewDisposeScope();
        for (long size = 64; size <= 1 << 20; size *= 2)
            for (int i = 0; i < 8; i++)
                full([size], float.NaN);
    }

    private static void AssertClose(Tensor expected, Tensor actual)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        double largest = expected.abs().max().item<double>();
        Assert.InRange((actual.to(ScalarType.Float64) - expected).abs().max().item<double>(), 0, Tolerance * largest);
    }
}
