namespace SamMed3D.Transfer;

/// <summary>One case to clean: where its files are, and where they go below the output folder.</summary>
/// <param name="Id">The case.</param>
/// <param name="Part">Training or test; null where there is no data set.</param>
/// <param name="LabelPath">The label map; null for a test case without one.</param>
/// <param name="LabelTarget">Its place below the output; in a tree also the place of a label that is not there.</param>
/// <param name="Images">The images and their places below the output.</param>
internal sealed record CleaningItem(string Id, DatasetPart? Part, string? LabelPath, string? LabelTarget, IReadOnlyList<(string Source, string Target)> Images)
{
    /// <summary>In SAM-Med3D's tree the name of the organ's folder, and the targets lie below the organ folders of the output; else null.</summary>
    public string? Organ { get; init; }

    /// <summary>In a tree what follows the organ in the id of the output; else the id.</summary>
    public string Subject { get; init; } = Id;
}
