namespace SamMed3D.Transfer;

/// <summary>A structure to be segmented: a name, and the values of a label map that belong to it.</summary>
public sealed record LabelRegion
{
    /// <summary>Such as "whole tumour".</summary>
    public required string Name { get; init; }

    /// <summary>The values, all above 0. Regions may share values.</summary>
    public required IReadOnlyList<int> Values { get; init; }

    /// <summary>Whether name and values are the same.</summary>
    public bool Equals(LabelRegion? other) => other is not null && Name == other.Name && Values.SequenceEqual(other.Values);

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
}
