namespace SamMed3D.Transfer;

/// <summary>Whether an arm's weights have seen the data set before.</summary>
/// <param name="Status">Seen, not seen, or unknown.</param>
/// <param name="Reason">Why, in one sentence for people.</param>
public sealed record SeenStamp(SeenStatus Status, string Reason)
{
    /// <summary>For each class that pretraining segmented, wherever: the class and the data sets it was segmented in.</summary>
    public IReadOnlyList<SeenTarget> Targets { get; init; } = [];
}
