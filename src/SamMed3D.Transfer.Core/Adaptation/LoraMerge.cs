namespace SamMed3D.Transfer;

/// <summary>Merges LoRA into the layers that it stands beside.</summary>
public static class LoraMerge
{
    /// <summary>
    /// The state dict of the same model without adapters: it computes the same, to rounding, at the cost of the plain model.
    /// Load it into a model built with <see cref="EncoderOptions.Adapter"/> null, or save it.
    /// </summary>
    /// <param name="model">An encoder, or a model around one.</param>
    /// <returns>Names and tensors; the caller owns them.</returns>
    /// <exception cref="ArgumentException">There is no LoRA in the model.</exception>
    public static IReadOnlyDictionary<string, Tensor> MergedState(Module model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var layers = model.named_modules().Where(entry => entry.module is LoraLinear)
            .ToDictionary(entry => entry.name + ".weight", entry => (LoraLinear)entry.module, StringComparer.Ordinal);
        if (layers.Count == 0)
            throw new ArgumentException("There is no LoRA in this model; merge one whose encoder was built with LoraOptions.", nameof(model));
        var merged = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, tensor) in model.state_dict())
        {
            if (AdapterOptions.IsAdded(name))
                continue;
            if (layers.TryGetValue(name, out var layer))
                merged[name] = layer.MergedWeight();
            else
            {
                using var detached = tensor.detach();
                merged[name] = detached.clone();
            }
        }

        return merged;
    }
}
