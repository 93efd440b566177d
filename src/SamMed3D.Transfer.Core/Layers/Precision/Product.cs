namespace SamMed3D.Transfer;

/// <summary>Linear layers, norms and attention in the type of the values that they get: see <see cref="MixedPrecision"/>.</summary>
internal static class Product
{
    /// <summary>A linear layer, or whatever stands in its place (<see cref="LoraLinear"/>).</summary>
    /// <returns>In the type of the input.</returns>
    public static Tensor Of(Module<Tensor, Tensor> layer, Tensor input) =>
        layer is Linear linear && linear.weight!.dtype != input.dtype ? Of(input, linear.weight!, linear.bias) : layer.call(input);

    /// <summary>A linear layer.</summary>
    /// <param name="input">[..., C].</param>
    /// <param name="weight">[C', C].</param>
    /// <param name="bias">[C'], or null.</param>
    /// <returns>[..., C'], in the type of the input.</returns>
    public static Tensor Of(Tensor input, Tensor weight, Tensor? bias = null)
    {
        if (weight.dtype == input.dtype)
            return functional.linear(input, weight, bias);
        using var scope = NewDisposeScope();
        return functional.linear(input, weight.to(input.dtype), bias?.to(input.dtype)).MoveToOuterDisposeScope();
    }

    /// <summary>A weight in the type of the values that it meets. The same tensor where it has it already.</summary>
    public static Tensor Follow(Tensor weight, Tensor values) => weight.dtype == values.dtype ? weight : weight.to(values.dtype);

    /// <summary>A layer norm, whose statistics, scale and offset are wide.</summary>
    /// <returns>Wide.</returns>
    public static Tensor Norm(LayerNorm norm, Tensor values)
    {
        if (!MixedPrecision.IsNarrow(values) || MixedPrecision.IsNarrow(norm.weight!))
            return norm.call(values);
        using var wide = MixedPrecision.Wide(values);
        return norm.call(wide);
    }

    /// <summary>Scaled dot-product attention with a wide bias.</summary>
    /// <param name="queries">[..., L, E].</param>
    /// <param name="keys">[..., S, E].</param>
    /// <param name="values">[..., S, E].</param>
    /// <param name="bias">Added to the scores: broadcasts to [..., L, S]; null for none.</param>
    /// <returns>[..., L, E], in the type of the queries.</returns>
    public static Tensor Attention(Tensor queries, Tensor keys, Tensor values, Tensor? bias)
    {
        if (bias is null || !MixedPrecision.IsNarrow(queries) || queries.device_type != DeviceType.CPU)
            return functional.scaled_dot_product_attention(queries, keys, values, attn_mask: bias?.to(queries.dtype));
        // LibTorch 2.10's own attention widens all of it on a CPU, where this takes half the time. Scores are narrow as they come out of the
        // product; from there to the weights of the values everything is wide.
        using var scope = NewDisposeScope();
        var scores = matmul(queries * (1 / Math.Sqrt(queries.shape[^1])), keys.transpose(-2, -1)) + bias;
        return matmul(scores.softmax(-1).to(values.dtype), values).MoveToOuterDisposeScope();
    }
}
