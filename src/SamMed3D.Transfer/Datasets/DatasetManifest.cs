namespace SamMed3D.Transfer;

/// <summary>
/// A data set: its channels, classes and cases. Reads nnU-Net v2, nnU-Net v1, Medical Segmentation Decathlon and SAM-Med3D layouts, and lists of cases.
/// </summary>
public sealed class DatasetManifest
{
    private const int MostNamed = 8;

    private readonly Dictionary<string, DatasetCase> _byId;

    private readonly IReadOnlyList<string> _validationIds;

    internal DatasetManifest(DatasetContent content)
    {
        var description = content.Description;
        Root = content.Root;
        Source = content.Source;
        _validationIds = content.ValidationIds;
        Name = description.Name;
        Layout = description.Layout;
        ChannelNames = description.ChannelNames;
        Labels = description.Labels;
        ClassNames = description.ClassNames;
        FileEnding = description.FileEnding;
        Cases = content.Cases;
        _byId = Cases.ToDictionary(one => one.Id, StringComparer.Ordinal);
    }

    /// <summary>The folder; of a list, the one that it lies in.</summary>
    public string Root { get; }

    /// <summary>What was opened: the folder, or the list.</summary>
    public string Source { get; }

    /// <summary>The name in dataset.json, or that of the folder or the list.</summary>
    public string Name { get; }

    /// <summary>Which layout was found.</summary>
    public DatasetLayout Layout { get; }

    /// <summary>What each channel of the images shows, such as "CT"; the index is the channel.</summary>
    public IReadOnlyList<string> ChannelNames { get; }

    /// <summary>What the values of the label maps mean: classes, or regions that may overlap, and which voxels to ignore.</summary>
    public LabelScheme Labels { get; }

    /// <summary>A name for each value of the label maps; the index is the value, 0 is the background.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Ending of the image and label files, such as ".nii.gz".</summary>
    public string FileEnding { get; }

    /// <summary>Every case, training before test, each part sorted by id in ordinal order.</summary>
    public IReadOnlyList<DatasetCase> Cases { get; }

    /// <summary>The cases for training and validation.</summary>
    public IEnumerable<DatasetCase> TrainingCases => Cases.Where(one => one.Part == DatasetPart.Training);

    /// <summary>The cases for testing.</summary>
    public IEnumerable<DatasetCase> TestCases => Cases.Where(one => one.Part == DatasetPart.Test);

    /// <summary>The case with this id.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public DatasetCase this[string id] => _byId.TryGetValue(id, out var found) ? found
        : throw new KeyNotFoundException($"{Root} has no case {id}; it has {Cases.Count} cases, such as {Cases[0].Id}.");

    /// <summary>The fold that the data set itself prescribes (a "val" part); null where there is none.</summary>
    internal DataFold? OwnFold => _validationIds.Count == 0 ? null
        : new([.. TrainingCases.Select(one => one.Id).Except(_validationIds)], _validationIds);

    /// <summary>Reads what describes the data set and finds the files of all cases; reads no image.</summary>
    /// <param name="source">
    /// The folder with dataset.json (nnU-Net, Decathlon), the folder of SAM-Med3D's tree, or a list of cases (.csv, .json); see <see cref="DatasetLayout"/>.
    /// </param>
    /// <exception cref="InvalidDataException">The description is missing or broken, files are missing (all are named), or two cases have one id.</exception>
    public static DatasetManifest Open(string source)
    {
        var content = DatasetContent.Of(source);
        var errors = content.Problems.Where(problem => problem.Severity == ProblemSeverity.Error).ToList();
        var missing = errors.Where(problem => problem.Kind == DatasetProblemKind.MissingFile).Select(problem => problem.Expected).ToList();
        if (missing.Count > 0 && !errors.Exists(problem => problem.Kind == DatasetProblemKind.BrokenDescription))
            throw new InvalidDataException(
                $"{source}: {missing.Count} file{(missing.Count == 1 ? " is" : "s are")} missing: {ShortList.Of(missing, MostNamed)}.");
        // What the description means comes before what it names.
        if (errors.MinBy(problem => problem.Kind != DatasetProblemKind.BrokenDescription) is { } first)
        {
            string place = first.File is null ? source : Path.Combine(content.Root, first.File);
            string what = first.Kind == DatasetProblemKind.BrokenDescription ? $"{first.Case}: {first.Found}; {first.Advice}."
                : $"{(place.EndsWith(first.Case, StringComparison.Ordinal) ? "" : $"{first.Case}: ")}expected {first.Expected}, got {first.Found}; {first.Advice}.";
            throw new InvalidDataException($"{place}: {what}{(errors.Count > 1 ? $" {errors.Count - 1} more: 'check' lists them." : "")}");
        }

        return content.Cases.Any(one => one.Part == DatasetPart.Training) ? new DatasetManifest(content)
            : throw new InvalidDataException($"{source}: no training cases.");
    }
}
