namespace SamMed3D.Transfer.Tests;

public class ScalingConvolutionTests
{
    /// <summary>Rounding of float32 sums over at most 160 x 27 products, relative to the largest value.</summary>
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
        using var same = ScalingConvolution.Same(inputChannels, outputChannels, kernel: 3);
        AssertLikeFloat64(same, inputChannels);
        using var doubling = ScalingConvolution.Doubling(inputChannels, outputChannels);
        AssertLikeFloat64(doubling, inputChannels);
    }

    [Theory]
    [InlineData(1, 16)]
    [InlineData(8, 24)]
    [InlineData(16, 16)]
    [InlineData(16, 32)]
    [InlineData(32, 32)]
    [InlineData(32, 64)]
    [InlineData(48, 48)]
    [InlineData(48, 96)]
    [InlineData(80, 112)]
    [InlineData(96, 160)]
    public void Strided_convolutions_equal_those_of_LibTorch_in_float64(int inputChannels, int outputChannels)
    {
        Size3[] strides = [2, new(1, 2, 2), new(2, 2, 1), new(2, 1, 1), 1];
        foreach (var stride in strides)
        {
            using var halving = ScalingConvolution.Halving(inputChannels, outputChannels, stride);
            AssertLike(halving, inputChannels, (x, w) => nn.functional.conv3d(x, w, padding: [1, 1, 1], strides: stride.ToArray()));
            using var doubling = ScalingConvolution.Doubling(inputChannels, outputChannels, stride);
            AssertLike(doubling, inputChannels, (x, w) => nn.functional.conv_transpose3d(x, w, strides: stride.ToArray()));
        }
    }

    private static void AssertLike(ScalingConvolution convolution, int inputChannels, Func<Tensor, Tensor, Tensor> exact)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        var input = randn([2, inputChannels, 6, 8, 4], generator: generator);
        var (output, inputGradient, weightGradient) = Run(convolution, input);
        var volume = input.to(ScalarType.Float64).requires_grad_();
        var weight = convolution.parameters().Single().detach().to(ScalarType.Float64).requires_grad_();
        var expected = exact(volume, weight);
        (expected * expected).sum().backward();
        AssertClose(expected, output);
        AssertClose(volume.grad!, inputGradient);
        AssertClose(weight.grad!, weightGradient);
    }

    private static void AssertLikeFloat64(ScalingConvolution convolution, int inputChannels)
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

    private static (Tensor Output, Tensor InputGradient, Tensor WeightGradient) Run(ScalingConvolution convolution, Tensor input)
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
