namespace SamMed3D.Transfer;

/// <summary>What two checkpoints have in common, tensor by tensor.</summary>
/// <param name="First">The path of the one.</param>
/// <param name="Second">The path of the other.</param>
/// <param name="OnlyInFirst">Tensors whose name the second does not have.</param>
/// <param name="OnlyInSecond">Tensors whose name the first does not have.</param>
/// <param name="Different">Tensors of one name that differ in shape, type or values.</param>
/// <param name="EqualCount">Tensors that are equal in name, shape, type and every bit.</param>
public sealed record CheckpointComparison(
    string First,
    string Second,
    IReadOnlyList<WeightInfo> OnlyInFirst,
    IReadOnlyList<WeightInfo> OnlyInSecond,
    IReadOnlyList<TensorDifference> Different,
    int EqualCount)
{
    /// <summary>Whether both hold the same tensors, bit by bit, in whatever order and container.</summary>
    public bool AreEqual => OnlyInFirst.Count + OnlyInSecond.Count + Different.Count == 0;

    /// <summary>Compares two checkpoints, holding two tensors in memory at a time.</summary>
    /// <exception cref="InvalidDataException">A tensor is damaged; the message has the path and the reason.</exception>
    public static CheckpointComparison Of(IWeightSource first, IWeightSource second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        var others = second.Tensors.ToDictionary(info => info.Name, StringComparer.Ordinal);
        var onlyInFirst = new List<WeightInfo>();
        var different = new List<TensorDifference>();
        var equal = 0;
        foreach (var info in first.Tensors)
            if (!others.Remove(info.Name, out var other))
                onlyInFirst.Add(info);
            else if (TensorDifference.Of(info, first, other, second) is { } difference)
                different.Add(difference);
            else
                equal++;
        return new CheckpointComparison(
            first.Origin, second.Origin, onlyInFirst, [.. second.Tensors.Where(info => others.ContainsKey(info.Name))], different, equal);
    }
}
