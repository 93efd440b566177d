namespace SamMed3D.Transfer;

/// <summary>How far a sliding window has come.</summary>
/// <param name="Done">Windows that the network has seen; mirrored ones count too.</param>
/// <param name="Total">Windows altogether.</param>
public readonly record struct SlidingWindowProgress(int Done, int Total);
