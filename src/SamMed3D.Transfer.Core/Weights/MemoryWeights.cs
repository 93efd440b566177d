namespace SamMed3D.Transfer;

/// <summary>Tensors in memory as a weight source. They stay the caller's and must live as long as this.</summary>
public sealed class MemoryWeights : IWeightSource
{
    private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);

    /// <param name="tensors">Names, each once, and tensors.</param>
    /// <exception cref="ArgumentException">A name occurs twice.</exception>
    public MemoryWeights(IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var infos = new List<WeightInfo>();
        foreach (var (name, tensor) in tensors)
        {
            if (!_tensors.TryAdd(name, tensor))
                throw new ArgumentException($"Two tensors are named '{name}'; every name must be unique.", nameof(tensors));
            infos.Add(new WeightInfo(name, tensor.shape, tensor.dtype));
        }

        Tensors = infos;
    }

    /// <inheritdoc/>
    public string Origin => "memory";

    /// <inheritdoc/>
    public IReadOnlyList<WeightInfo> Tensors { get; }

    /// <inheritdoc/>
    public Tensor Read(string name)
    {
        if (!_tensors.TryGetValue(name, out var tensor))
            throw new KeyNotFoundException($"There is no tensor '{name}' in memory.");
        using var detached = tensor.detach();
        return detached.cpu();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
