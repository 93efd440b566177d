namespace SamMed3D.Transfer;

/// <summary>
/// The policy of computing in fewer bits, all of it:
/// <list type="bullet">
/// <item>What goes into matrix products, convolutions and attention is narrowed to the <see cref="ComputePrecision"/>, and weights follow the
/// values that they meet (<see cref="Product"/>). Inside a decoder values stay narrow from one convolution to the next.</item>
/// <item>The sums that run through a transformer, position tables and their bias, softmax, the statistics of norms, logits, what a model gives and losses
/// stay wide: float32.</item>
/// <item>Parameters are float32 and get float32 gradients, so that optimizers and checkpoints know nothing of this.</item>
/// </list>
/// </summary>
/// <remarks>With <see cref="ComputePrecision.Float32"/> nothing is converted at all; models that were moved to float64 stay float64.</remarks>
public static class MixedPrecision
{
    /// <summary>Sets what a model, with all its parts, computes in from now on.</summary>
    /// <param name="model">A model or encoder of this library, or a module around one.</param>
    /// <param name="precision">The type.</param>
    /// <exception cref="ArgumentException">No part of the model can compute in fewer bits.</exception>
    public static void Apply(Module model, ComputePrecision precision)
    {
        ArgumentNullException.ThrowIfNull(model);
        var parts = Parts(model).ToList();
        if (parts.Count == 0 && precision != ComputePrecision.Float32)
            throw new ArgumentException(
                $"A {model.GetName()} cannot compute in {precision}: none of its parts is a model or encoder of this library; use Float32.", nameof(model));
        foreach (var part in parts)
            part.Precision = precision;
    }

    /// <summary>The parts that decide where values are narrowed, parents before their children.</summary>
    internal static IEnumerable<IComputesNarrow> Parts(Module model) =>
        new[] { model }.Concat(model.modules()).Distinct(ReferenceEqualityComparer.Instance).OfType<IComputesNarrow>();

    /// <summary>The type of LibTorch; null for the parameters' own.</summary>
    internal static ScalarType? Type(this ComputePrecision precision) => precision switch
    {
        ComputePrecision.Float32 => null,
        ComputePrecision.Bfloat16 => ScalarType.BFloat16,
        ComputePrecision.Float16 => ScalarType.Float16,
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "There is no such precision."),
    };

    /// <summary>Values for a product. The same tensor where there is nothing to convert.</summary>
    internal static Tensor Narrow(this ComputePrecision precision, Tensor values) =>
        precision.Type() is { } type && values.dtype != type ? values.to(type) : values;

    /// <summary>What came of products, for a sum, a norm or a loss: float32. The same tensor where there is nothing to convert.</summary>
    internal static Tensor Widen(this ComputePrecision precision, Tensor values) => precision.Type() is null ? values : Wide(values);

    /// <summary>Float32 in place of a narrow type. The same tensor where there is nothing to convert.</summary>
    internal static Tensor Wide(Tensor values) => IsNarrow(values) ? values.to(ScalarType.Float32) : values;

    internal static bool IsNarrow(Tensor values) => values.dtype is ScalarType.BFloat16 or ScalarType.Float16;
}
