namespace SamMed3D.Transfer;

/// <summary>Tensors of another source under other names and in another floating-point type, converted as they are read.</summary>
internal sealed class ConvertedWeights : IWeightSource
{
    private readonly IWeightSource _source;
    private readonly CancellationToken _stop;
    private readonly Dictionary<string, (WeightInfo Original, ScalarType Type)> _originals = new(StringComparer.Ordinal);

    /// <exception cref="InvalidDataException">The names do not fit the prefix.</exception>
    public ConvertedWeights(IWeightSource source, string prefix, ScalarType? type, CancellationToken stop = default)
    {
        _stop = stop;
        _source = source;
        var infos = new List<WeightInfo>();
        foreach (var info in source.Tensors)
        {
            bool hasPrefix = prefix.Length > 0 && info.Name.StartsWith(prefix, StringComparison.Ordinal);
            string name = hasPrefix ? info.Name[prefix.Length..] : info.Name;
            RenamedCount += hasPrefix ? 1 : 0;
            if (name.Length == 0)
                throw BrokenFile.Because(Origin, $"tensor {BrokenFile.Quote(info.Name)} would be left without a name");
            var newType = type is not null && IsFloat(info.DType) ? type.Value : info.DType;
            CastCount += newType == info.DType ? 0 : 1;
            if (!_originals.TryAdd(name, (info, newType)))
                throw BrokenFile.Because(Origin, $"without the prefix two tensors are named {BrokenFile.Quote(name)}");
            infos.Add(new WeightInfo(name, info.Shape, newType));
        }

        if (prefix.Length > 0 && RenamedCount == 0)
            throw BrokenFile.Because(
                Origin, $"no name begins with {BrokenFile.Quote(prefix)}; the names are {LoadReport.Some([.. infos.Select(info => info.Name)])}");
        Tensors = infos;
    }

    public string Origin => _source.Origin;

    public IReadOnlyList<WeightInfo> Tensors { get; }

    public int RenamedCount { get; }

    public int CastCount { get; }

    public Tensor Read(string name)
    {
        _stop.ThrowIfCancellationRequested();
        var (original, type) = _originals[name];
        var values = _source.Read(original.Name);
        if (type == original.DType)
            return values;
        using (values)
        {
            var cast = values.to(type);
            using var scope = NewDisposeScope();
            if (!(cast.isinf() & values.isinf().logical_not()).any().item<bool>())
                return cast;
            cast.Dispose();
            throw BrokenFile.Because(
                Origin, $"tensor {BrokenFile.Quote(original.Name)} has values beyond the range of {type}; choose BFloat16 or Float32");
        }
    }

    public void Dispose()
    {
    }

    private static bool IsFloat(ScalarType type) =>
        type is ScalarType.Float64 or ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16;
}
