using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>What the parity checks share: stored tensors, stored tolerances, differences, strict loading.</summary>
internal static class ParityTensors
{
    /// <summary>Largest absolute difference; infinite where shapes differ or a value is not finite.</summary>
    public static double LargestDifference(Tensor mine, Tensor expected)
    {
        using var scope = NewDisposeScope();
        if (!mine.shape.SequenceEqual(expected.shape))
            return double.PositiveInfinity;
        if (mine.numel() == 0)
            return 0;
        double largest = (mine.detach().cpu().to(ScalarType.Float64) - expected.cpu().to(ScalarType.Float64)).abs().max().item<double>();
        return double.IsNaN(largest) ? double.PositiveInfinity : largest;
    }

    /// <summary>One compared tensor, with the tolerance that its entry in config.json stores for it.</summary>
    public static ParityQuantity Compare(string name, Tensor mine, Tensor expected, JsonElement description, string tolerance = "atol")
    {
        double atol = description.GetProperty(tolerance).GetDouble();
        string? note = mine.shape.SequenceEqual(expected.shape)
            ? null
            : $"expected shape [{string.Join(", ", expected.shape)}], got [{string.Join(", ", mine.shape)}]";
        return new ParityQuantity(name, LargestDifference(mine, expected), atol, note);
    }

    /// <summary>Computes a tensor and compares it; a failed computation is a failed quantity with the reason as its note.</summary>
    public static ParityQuantity Compare(string name, Func<Tensor> compute, Tensor expected, JsonElement description)
    {
        using var scope = NewDisposeScope();
        try
        {
            return Compare(name, compute(), expected, description);
        }
#pragma warning disable CA1031 // Whatever went wrong is the result of the check.
        catch (Exception problem)
#pragma warning restore CA1031
        {
            return new ParityQuantity(name, double.PositiveInfinity, description.GetProperty("atol").GetDouble(), TorchError.Reason(problem));
        }
    }

    /// <summary>The description of a tensor in a config.json.</summary>
    public static JsonElement Describe(JsonElement description, string file, string tensor) =>
        description.GetProperty("files").GetProperty(file).GetProperty("tensors").GetProperty(tensor);

    /// <summary>Copies every parameter and buffer of a module from stored tensors; names and shapes must agree on both sides.</summary>
    /// <exception cref="InvalidDataException">They do not.</exception>
    public static void LoadExactly(nn.Module module, IReadOnlyDictionary<string, Tensor> stored, string prefix = "")
    {
        using var noGradient = no_grad();
        var mine = module.state_dict();
        var names = stored.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).ToHashSet();
        foreach (var (name, target) in mine)
        {
            if (!names.Remove(prefix + name))
                throw new InvalidDataException($"The stored weights have no '{prefix + name}'.");
            var source = stored[prefix + name];
            if (!source.shape.SequenceEqual(target.shape))
                throw new InvalidDataException(
                    $"'{name}' is [{string.Join(", ", target.shape)}], stored [{string.Join(", ", source.shape)}].");
            target.copy_(source);
        }

        if (names.Count > 0)
            throw new InvalidDataException($"The model has no '{names.First()}'{(names.Count > 1 ? $" and {names.Count - 1} more" : "")}.");
    }

    /// <summary>Every third index along the last three axes, as stored input gradients are.</summary>
    public static Tensor EveryThird(Tensor values) =>
        values[TensorIndex.Ellipsis, TensorIndex.Slice(null, null, 3), TensorIndex.Slice(null, null, 3), TensorIndex.Slice(null, null, 3)];
}
