namespace SamMed3D.Transfer;

/// <summary>One parameter or buffer in the ledger of a load.</summary>
/// <param name="Name">Its name in the module.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Shape">Its sizes in the module.</param>
/// <param name="SourceKey">The key in the source; null when there is none.</param>
/// <param name="SourceShape">The sizes in the source; null when there is none.</param>
/// <param name="SourceType">The stored element type; null when there is none.</param>
public sealed record LoadEntry(
    string Name,
    LoadOutcome Outcome,
    IReadOnlyList<long> Shape,
    string? SourceKey = null,
    IReadOnlyList<long>? SourceShape = null,
    string? SourceType = null)
{
    /// <summary>Number of elements in the module.</summary>
    public long ElementCount => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Whether the source filled it.</summary>
    public bool IsFilled => Outcome is LoadOutcome.Loaded or LoadOutcome.Resized;
}
