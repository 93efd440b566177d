namespace SamMed3D.Transfer;

/// <summary>One case to clean: where its files are, and where they go below the output folder.</summary>
/// <param name="Id">The case.</param>
/// <param name="Part">Training or test; null where there is no data set.</param>
/// <param name="LabelPath">The label map; null for a test case without one.</param>
/// <param name="LabelTarget">Its place below the output.</param>
/// <param name="Images">The images and their places below the output.</param>
internal sealed record CleaningItem(string Id, DatasetPart? Part, string? LabelPath, string? LabelTarget, IReadOnlyList<(string Source, string Target)> Images);
