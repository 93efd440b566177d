namespace SamMed3D.Transfer;

/// <summary>What a reader of a layout found: cases as far as they are whole, and every problem of names and files.</summary>
internal sealed record DatasetContent(string Source, string Root, DatasetDescription Description, IReadOnlyList<DatasetCase> Cases)
{
    /// <summary>Problems that keep the data set from being used have severity Error.</summary>
    public IReadOnlyList<DatasetProblem> Problems { get; init; } = [];

    /// <summary>Training cases that the data set itself sets aside for validation; empty where it does not.</summary>
    public IReadOnlyList<string> ValidationIds { get; init; } = [];

    /// <summary>The file that describes a data set, if there is one: the list, or the folder's dataset.json.</summary>
    public static string? DescriptionOf(string source) => File.Exists(source) ? source
        : Path.Combine(source, DatasetDescription.FileName) is var path && File.Exists(path) ? path : null;

    /// <summary>Reads whatever layout there is; files are looked for, images are not opened.</summary>
    /// <exception cref="InvalidDataException">There is no data set, or its description is broken.</exception>
    public static DatasetContent Of(string source)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        if (File.Exists(source))
            return Path.GetFileName(source) == DatasetDescription.FileName ? Of(Path.GetDirectoryName(Path.GetFullPath(source))!) : CaseList.Read(source);
        if (!Directory.Exists(source))
            throw new InvalidDataException($"{source}: there is no such folder; expected a data set with a {DatasetDescription.FileName}.");
        string path = Path.Combine(source, DatasetDescription.FileName);
        if (File.Exists(path))
            return new DatasetFiles(source, DatasetDescription.Read(path)).Find();
        return OrganTree.Find(source) ?? throw new InvalidDataException(
            $"{source}: expected a {DatasetDescription.FileName} in the data set's folder, or folders ORGAN/DATASET/imagesTr and labelsTr as SAM-Med3D has them; found neither.");
    }
}
