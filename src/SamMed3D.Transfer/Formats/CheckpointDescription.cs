using System.Globalization;
using System.Text;

namespace SamMed3D.Transfer;

/// <summary>What a checkpoint holds, told without reading its values.</summary>
/// <param name="Origin">The path, or "memory".</param>
/// <param name="Container">The file format.</param>
/// <param name="Section">The key under which the state dict was found; null when it is the file itself.</param>
/// <param name="Family">The model it belongs to, and why.</param>
/// <param name="Tensors">Every tensor, in stored order.</param>
public sealed record CheckpointDescription(
    string Origin, string Container, string? Section, WeightFamily Family, IReadOnlyList<WeightInfo> Tensors)
{
    /// <summary>Number of values in all tensors.</summary>
    public long ParameterCount => Tensors.Sum(CountElements);

    /// <summary>Bytes of all values.</summary>
    public long ByteCount => Tensors.Sum(info => CountElements(info) * TensorBytes.Width(info.DType));

    /// <summary>How many tensors have each element type.</summary>
    public IReadOnlyDictionary<string, int> TypeCounts =>
        Tensors.GroupBy(info => info.DType.ToString()).ToDictionary(group => group.Key, group => group.Count());

    /// <summary>Describes a checkpoint or tensors in memory.</summary>
    public static CheckpointDescription Of(IWeightSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new CheckpointDescription(
            source.Origin,
            (source as Checkpoint)?.Container ?? "memory",
            (source as PyTorchCheckpoint)?.Section,
            WeightFamily.Recognise(source.Tensors),
            source.Tensors);
    }

    /// <summary>The description for people, several lines.</summary>
    /// <param name="withTensors">Whether the table of tensors follows.</param>
    public string ToText(bool withTensors)
    {
        var text = new StringBuilder();
        string types = string.Join(", ", TypeCounts.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Value} x {pair.Key}"));
        text.Append(CultureInfo.InvariantCulture, $"{Origin}\n")
            .Append(CultureInfo.InvariantCulture, $"container   {Container}{(Section is null ? string.Empty : $", state dict under '{Section}'")}\n")
            .Append(CultureInfo.InvariantCulture, $"model       {Family.Name}: {Family.Reason}\n")
            .Append(Family.Architecture is null ? string.Empty : $"encoder     {Family.Architecture}\n")
            .Append(CultureInfo.InvariantCulture, $"tensors     {Tensors.Count} ({types})\n")
            .Append(CultureInfo.InvariantCulture, $"parameters  {ParameterCount:N0} ({ByteCount / 1e6:N1} MB)\n");
        if (withTensors)
        {
            int width = Tensors.Max(info => info.Name.Length);
            text.Append('\n');
            foreach (var info in Tensors)
                text.Append(CultureInfo.InvariantCulture, $"{info.Name.PadRight(width)}  {info.DType,-8}  [{string.Join(", ", info.Shape)}]\n");
        }

        return text.ToString();
    }

    private static long CountElements(WeightInfo info) => info.Shape.Aggregate(1L, (product, size) => product * size);
}
