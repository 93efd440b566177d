namespace SamMed3D.Transfer;

/// <summary>One tensor of the source in the ledger of a load.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Use">What became of it.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Type">Its stored element type.</param>
public sealed record SourceEntry(string Key, SourceUse Use, IReadOnlyList<long> Shape, string Type)
{
    /// <summary>The parameter or buffer that it is for; null when there is none.</summary>
    public string? Target { get; init; }

    /// <summary>What an ignored tensor belongs to, such as "mask decoder"; else null.</summary>
    public string? Part { get; init; }
}
