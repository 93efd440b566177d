namespace SamMed3D.Transfer;

/// <summary>One person's scan: where its files are. Nothing is read until someone opens them.</summary>
/// <param name="Id">Unique in the data set: the file name without channel number and ending.</param>
/// <param name="ImagePaths">One file a channel, in the order of the channels; or a single file that holds them all.</param>
/// <param name="LabelPath">The label map on the same grid; null where there is none.</param>
/// <param name="Part">Training or test.</param>
public sealed record DatasetCase(string Id, IReadOnlyList<string> ImagePaths, string? LabelPath, DatasetPart Part)
{
    /// <summary>Whose scan it is: cases of one subject must not be parted between training and validation. The id, where nothing else is said.</summary>
    public string Subject { get; init; } = Id;

    /// <summary>The id and the part.</summary>
    public override string ToString() => $"{Id} ({Part})";
}
