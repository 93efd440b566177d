namespace SamMed3D.Transfer;

/// <summary>One tensor of the source in the ledger of a load.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Use">What became of it.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Type">Its stored element type.</param>
public sealed record SourceEntry(string Key, SourceUse Use, IReadOnlyList<long> Shape, string Type)
{
    /// <summary>The parameters and buffers that it is for: one, or none, or two where a 2D table serves a new axis as well.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>What an ignored tensor belongs to, such as "mask decoder"; else null.</summary>
    public string? Part { get; init; }
}
