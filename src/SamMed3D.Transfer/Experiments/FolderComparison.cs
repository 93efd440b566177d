namespace SamMed3D.Transfer;

/// <summary>Label files of a folder scored against the true ones.</summary>
/// <param name="Model">The scores of the predictions.</param>
/// <param name="PositionGuess">The scores, on the same cases, of a guess that knows only where things usually are; null without training labels.</param>
/// <param name="WithoutPrediction">Cases that have a true label file but no prediction; they are not scored.</param>
public sealed record FolderComparison(SegmentationScores Model, SegmentationScores? PositionGuess, IReadOnlyList<string> WithoutPrediction);
