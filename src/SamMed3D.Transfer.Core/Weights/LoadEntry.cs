namespace SamMed3D.Transfer;

/// <summary>One parameter or buffer in the ledger of a load.</summary>
/// <param name="Name">Its name in the module.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Shape">Its sizes in the module.</param>
public sealed record LoadEntry(string Name, LoadOutcome Outcome, IReadOnlyList<long> Shape)
{
    /// <summary>Its element type in the module.</summary>
    public required string Type { get; init; }

    /// <summary>Whether it is a buffer, which training does not change.</summary>
    public bool IsBuffer { get; init; }

    /// <summary>Whether it was part of what was asked for; only these count for the coverage.</summary>
    public bool IsAsked { get; init; } = true;

    /// <summary>How it was resized or inflated, or why it was initialised or refused; null where it was simply copied.</summary>
    public string? How { get; init; }

    /// <summary>The key in the source; null when there is none.</summary>
    public string? SourceKey { get; init; }

    /// <summary>The sizes in the source; null when there is none.</summary>
    public IReadOnlyList<long>? SourceShape { get; init; }

    /// <summary>The stored element type; null when there is none. Where it is another than <see cref="Type"/>, the values were converted.</summary>
    public string? SourceType { get; init; }

    /// <summary>Number of elements in the module.</summary>
    public long ElementCount => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Whether the source filled it.</summary>
    public bool IsFilled => Outcome is LoadOutcome.Loaded or LoadOutcome.Resized or LoadOutcome.Inflated;

    /// <summary>Whether the source's values were converted to another element type.</summary>
    public bool IsConverted => IsFilled && SourceType != Type;
}
