namespace SamMed3D.Transfer;

/// <summary>The state of AdamW as named tensors: for each trained parameter its two moments and its count of steps.</summary>
public static class AdamWMoments
{
    private const string First = "exp_avg", Second = "exp_avg_sq", Count = "step";

    /// <summary>The state, with PyTorch's names behind those of the parameters: "name.exp_avg", "name.exp_avg_sq", "name.step".</summary>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="model">Whose parameters it updates.</param>
    /// <returns>The moments are the optimizer's own; the counts are new and the caller's.</returns>
    public static IEnumerable<KeyValuePair<string, Tensor>> Collect(AdamW optimizer, Module model)
    {
        foreach (var (name, state) in States(optimizer, model))
        {
            yield return new($"{name}.{First}", state.exp_avg);
            yield return new($"{name}.{Second}", state.exp_avg_sq);
            yield return new($"{name}.{Count}", tensor(state.step, ScalarType.Int64));
        }
    }

    /// <summary>Puts a state back; all of it must be there.</summary>
    /// <param name="optimizer">Made for this model as it is: same parameters, same groups.</param>
    /// <param name="model">Whose parameters it updates.</param>
    /// <param name="source">Where the state is.</param>
    /// <param name="prefix">What stands before the names of the parameters.</param>
    /// <exception cref="InvalidDataException">A tensor is missing or has another shape; nothing was changed.</exception>
    public static void Restore(AdamW optimizer, Module model, IWeightSource source, string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(source);
        var shapes = source.Tensors.ToDictionary(info => info.Name, info => info.Shape, StringComparer.Ordinal);
        var states = States(optimizer, model).ToList();
        foreach (var (name, state) in states)
            foreach (string part in new[] { First, Second, Count })
            {
                long[] expected = part == Count ? [] : state.exp_avg.shape;
                if (!shapes.TryGetValue($"{prefix}{name}.{part}", out var found) || !found.SequenceEqual(expected))
                    throw new InvalidDataException(
                        $"{source.Origin}: expected the optimizer's {prefix}{name}.{part} of shape [{string.Join(", ", expected)}], "
                        + (found is null ? "but there is none." : $"got [{string.Join(", ", found)}]."));
            }

        using var noGradient = no_grad();
        foreach (var (name, state) in states)
        {
            using var scope = NewDisposeScope();
            state.exp_avg.copy_(source.Read($"{prefix}{name}.{First}"));
            state.exp_avg_sq.copy_(source.Read($"{prefix}{name}.{Second}"));
            state.step = source.Read($"{prefix}{name}.{Count}").item<long>();
        }
    }

    private static IEnumerable<(string Name, AdamW.State State)> States(AdamW optimizer, Module model)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(model);
        var names = model.named_parameters().ToDictionary(entry => entry.parameter.Handle, entry => entry.name);
        var states = optimizer.state_dict();
        var parameters = optimizer.ParamGroups.Cast<AdamW.ParamGroup>().SelectMany(group => group.Parameters);
        return parameters.Zip(states.StateIndexRef.SelectMany(group => group)).Select(pair =>
            names.TryGetValue(pair.First.Handle, out string? name)
                ? (name, (AdamW.State)states.State[pair.Second])
                : throw new ArgumentException("The optimizer updates a parameter that is not the model's.", nameof(optimizer)));
    }
}
