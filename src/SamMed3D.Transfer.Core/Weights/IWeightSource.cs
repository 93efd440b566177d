namespace SamMed3D.Transfer;

/// <summary>What a checkpoint says about one tensor, without reading it.</summary>
/// <param name="Name">Its key.</param>
/// <param name="Shape">Its sizes; empty for a scalar.</param>
/// <param name="DType">The stored element type.</param>
public sealed record WeightInfo(string Name, IReadOnlyList<long> Shape, ScalarType DType);

/// <summary>Named tensors that can be read one at a time: a checkpoint file, or tensors in memory.</summary>
public interface IWeightSource : IDisposable
{
    /// <summary>Where the tensors come from, for messages and reports: a path, or "memory".</summary>
    string Origin { get; }

    /// <summary>SHA-256 of the file in lower-case hex; null when the tensors are not from a file.</summary>
    string? Sha256 => null;

    /// <summary>Every tensor, in stored order.</summary>
    IReadOnlyList<WeightInfo> Tensors { get; }

    /// <summary>Reads one tensor on the CPU, in its stored type; the caller owns it.</summary>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    /// <exception cref="InvalidDataException">The data of this tensor is damaged.</exception>
    Tensor Read(string name);
}
