namespace SamMed3D.Transfer.Tests;

/// <summary>LibTorch's own convolutions give wrong numbers for some of these on some CPUs (see <see cref="PaddedConvolution"/>); ours have to be right for all.</summary>
public class NarrowConvolutionTests
{
    // Half a unit in the last of 8 and 11 bits is 0.002 and 0.00024; what was seen stays within 2 and 6 of these. Wrong numbers are 0.2 and more.
    private const double BfloatTolerance = 0.01, HalfTolerance = 0.004;

    public static TheoryData<ComputePrecision, int, int, int> Convolutions()
    {
        var cases = new TheoryData<ComputePrecision, int, int, int>();
        foreach (var precision in new[] { ComputePrecision.Bfloat16, ComputePrecision.Float16 })
            foreach (var (inputs, outputs, kernel) in new[]
                { (1, 16, 3), (16, 16, 3), (8, 8, 3), (24, 24, 3), (12, 20, 3), (40, 16, 3), (17, 16, 3), (16, 5, 1), (16, 2, 1), (24, 12, 1), (32, 16, 1) })
                cases.Add(precision, inputs, outputs, kernel);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Convolutions))]
    public void Outputs_and_gradients_of_narrow_convolutions_equal_float64(ComputePrecision precision, int inputs, int outputs, int kernel)
    {
        using var scope = NewDisposeScope();
        var features = Rounded(precision, 1, inputs, 5, 6, 7);
        var weight = Rounded(precision, outputs, inputs, kernel, kernel, kernel);
        RequireEqual(
            precision, features, weight, (x, w) => nn.functional.conv3d(x, w, padding: [kernel / 2, kernel / 2, kernel / 2]), PaddedConvolution.Apply);
    }

    [Theory]
    [InlineData(ComputePrecision.Bfloat16, 16, 16)]
    [InlineData(ComputePrecision.Bfloat16, 24, 12)]
    [InlineData(ComputePrecision.Bfloat16, 48, 48)]
    [InlineData(ComputePrecision.Bfloat16, 64, 32)]
    [InlineData(ComputePrecision.Float16, 24, 12)]
    [InlineData(ComputePrecision.Float16, 64, 32)]
    public void Outputs_and_gradients_of_narrow_doublings_equal_float64(ComputePrecision precision, int inputs, int outputs)
    {
        using var layer = ScalingConvolution.Doubling(inputs, outputs);
        using var scope = NewDisposeScope();
        var features = Rounded(precision, 1, inputs, 3, 4, 5);
        var weight = Rounded(precision, inputs, outputs, 2, 2, 2);
        using (no_grad())
            layer.parameters().Single().copy_(weight);
        RequireEqual(
            precision, features, weight, (x, w) => nn.functional.conv_transpose3d(x, w, strides: [2, 2, 2]), (x, _) => layer.call(x), layer.parameters().Single());
    }

    [Theory]
    [InlineData(ComputePrecision.Bfloat16, 16, 32)]
    [InlineData(ComputePrecision.Bfloat16, 32, 64)]
    [InlineData(ComputePrecision.Bfloat16, 48, 48)]
    [InlineData(ComputePrecision.Bfloat16, 96, 160)]
    [InlineData(ComputePrecision.Float16, 16, 32)]
    public void Outputs_and_gradients_of_narrow_halvings_equal_float64(ComputePrecision precision, int inputs, int outputs)
    {
        using var scope = NewDisposeScope();
        foreach (Size3 stride in new[] { 2, new Size3(1, 2, 2) })
            RequireEqual(
                precision, Rounded(precision, 1, inputs, 4, 6, 8), Rounded(precision, outputs, inputs, 3, 3, 3),
                (x, w) => nn.functional.conv3d(x, w, padding: [1, 1, 1], strides: stride.ToArray()), (x, w) => StridedConvolution.Apply(x, w, stride));
    }

    [Theory]
    [InlineData(ComputePrecision.Bfloat16)]
    [InlineData(ComputePrecision.Float16)]
    public void Narrow_depthwise_convolutions_equal_float64(ComputePrecision precision)
    {
        using var scope = NewDisposeScope();
        var bias = zeros(12);
        RequireEqual(
            precision, Rounded(precision, 2, 4, 5, 3, 12), Rounded(precision, 12, 1, 3, 3, 3),
            (x, w) => nn.functional.conv3d(x.permute(0, 4, 1, 2, 3).contiguous(), w, padding: [1, 1, 1], groups: 12).permute(0, 2, 3, 4, 1),
            (x, w) => DepthwiseConvolution.Apply(x, w, bias));
    }

    /// <summary>Holds a product of narrow features and a float32 weight against the same in float64.</summary>
    private static void RequireEqual(
        ComputePrecision precision, Tensor features, Tensor weight, Func<Tensor, Tensor, Tensor> exact, Func<Tensor, Tensor, Tensor> ours, Tensor? oursWeight = null)
    {
        var (x64, w64) = (features.to(ScalarType.Float64).requires_grad_(), weight.to(ScalarType.Float64).requires_grad_());
        var expected = exact(x64, w64);
        var probe = Rounded(precision, expected.shape);
        expected.backward([probe.to(ScalarType.Float64)]);

        var type = precision.Type()!.Value;
        var narrow = features.to(type).requires_grad_();
        var wide = oursWeight ?? weight.detach().clone().requires_grad_();
        var actual = ours(narrow, wide);
        actual.backward([probe.to(type)]);

        Assert.Equal(type, actual.dtype);
        Assert.Equal(ScalarType.Float32, wide.grad!.dtype);
        double tolerance = precision == ComputePrecision.Bfloat16 ? BfloatTolerance : HalfTolerance;
        Assert.InRange(Difference(actual, expected), 0, tolerance);
        Assert.InRange(Difference(narrow.grad!, x64.grad!), 0, tolerance);
        Assert.InRange(Difference(wide.grad!, w64.grad!), 0, tolerance);
    }

    private static double Difference(Tensor actual, Tensor expected) =>
        ((actual.to(ScalarType.Float64) - expected).abs().max() / expected.abs().max()).item<double>();

    /// <summary>Values that the narrow type has, in float32.</summary>
    private static Tensor Rounded(ComputePrecision precision, params long[] shape) =>
        randn(shape, generator: new Generator(7)).to(precision.Type()!.Value).to(ScalarType.Float32);
}
