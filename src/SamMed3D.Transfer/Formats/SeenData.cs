namespace SamMed3D.Transfer;

/// <summary>Cases that weights were trained on.</summary>
public sealed record SeenData
{
    /// <summary>The data set's name.</summary>
    public required string Dataset { get; init; }

    /// <summary>The ids of the cases.</summary>
    public required IReadOnlyList<string> Cases { get; init; }
}
