namespace SamMed3D.Transfer;

/// <summary>Compares a recomputed tensor with the stored one.</summary>
internal static class GoldenTensor
{
    /// <summary>Computes a tensor and compares it; a failed computation is a failed quantity with the reason as its note.</summary>
    /// <param name="quantity">What is compared.</param>
    /// <param name="expected">The stored tensor, on the CPU.</param>
    /// <param name="tolerance">The largest absolute difference that passes.</param>
    /// <param name="compute">Gives a tensor of the same shape on any device; it is disposed here.</param>
    public static ParityQuantity Compare(string quantity, Tensor expected, double tolerance, Func<Tensor> compute)
    {
        try
        {
            using var scope = NewDisposeScope();
            var actual = compute();
            if (!actual.shape.SequenceEqual(expected.shape))
                return new ParityQuantity(quantity, double.PositiveInfinity, tolerance,
                    $"expected shape [{string.Join(", ", expected.shape)}], got [{string.Join(", ", actual.shape)}]");
            var difference = actual.detach().to(ScalarType.Float64, CPU) - expected.to(ScalarType.Float64);
            return new ParityQuantity(quantity, difference.numel() == 0 ? 0 : difference.abs().max().item<double>(), tolerance);
        }
#pragma warning disable CA1031 // Whatever went wrong is the result of the check.
        catch (Exception problem)
#pragma warning restore CA1031
        {
            return new ParityQuantity(quantity, double.PositiveInfinity, tolerance, problem.Message);
        }
    }
}
