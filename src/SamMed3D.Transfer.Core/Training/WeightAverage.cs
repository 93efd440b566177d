namespace SamMed3D.Transfer;

/// <summary>
/// The exponential running average of the weights that learn (Polyak and Juditsky 1992; as EMA usual in training of ViTs): less noisy than the last
/// weights. Its decay is min(decay, (1 + t) / (10 + t)), so that the random first weights are soon forgotten.
/// </summary>
public sealed class WeightAverage : IDisposable
{
    private readonly double _decay;
    private readonly List<(string Name, Parameter Parameter, Tensor Average)> _entries;

    /// <param name="parameters">What learns, already on its device.</param>
    /// <param name="decay">Of the average, in (0, 1).</param>
    public WeightAverage(IEnumerable<LearningParameter> parameters, double decay)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        _decay = decay;
        using var noGradient = no_grad();
        _entries = [.. parameters.Where(one => one.LearnsFrom is not null)
            .Select(one => (one.Name, one.Parameter, one.Parameter.detach().clone().DetachFromDisposeScope()))];
    }

    /// <summary>The average of each parameter by name, to save it or to put it back; they stay this object's.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Values => _entries.Select(entry => KeyValuePair.Create(entry.Name, entry.Average));

    /// <summary>Takes the weights in, after a step.</summary>
    /// <param name="step">Steps done.</param>
    public void Update(long step)
    {
        double decay = Math.Min(_decay, (1.0 + step) / (10 + step));
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (_, parameter, average) in _entries)
            average.lerp_(parameter, 1 - decay);
    }

    /// <summary>Puts a saved average back; all of it must be there.</summary>
    /// <param name="source">Where it is.</param>
    /// <param name="prefix">What stands before the names of the parameters.</param>
    /// <exception cref="InvalidDataException">A tensor is missing or has another shape; nothing was changed.</exception>
    public void Restore(IWeightSource source, string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(source);
        var shapes = source.Tensors.ToDictionary(info => info.Name, info => info.Shape, StringComparer.Ordinal);
        foreach (var (name, _, average) in _entries)
            if (!shapes.TryGetValue(prefix + name, out var found) || !found.SequenceEqual(average.shape))
                throw new InvalidDataException(
                    $"{source.Origin}: expected the average {prefix}{name} of shape [{string.Join(", ", average.shape)}], "
                    + (found is null ? "but there is none." : $"got [{string.Join(", ", found)}]."));
        using var noGradient = no_grad();
        foreach (var (name, _, average) in _entries)
        {
            using var value = source.Read(prefix + name);
            average.copy_(value);
        }
    }

    /// <summary>The model has the average for weights until the result is disposed, and no step may be taken meanwhile.</summary>
    public IDisposable Applied()
    {
        Swap();
        return new Undo(this);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, _, average) in _entries)
            average.Dispose();
    }

    private void Swap()
    {
        using var noGradient = no_grad();
        foreach (var (_, parameter, average) in _entries)
        {
            using var weights = parameter.clone();
            parameter.copy_(average);
            average.copy_(weights);
        }
    }

    private sealed class Undo(WeightAverage average) : IDisposable
    {
        public void Dispose() => average.Swap();
    }
}
