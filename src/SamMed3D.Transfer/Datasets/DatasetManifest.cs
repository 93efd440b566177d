namespace SamMed3D.Transfer;

/// <summary>A data set folder: its channels, classes and cases. Reads nnU-Net v2, nnU-Net v1 and Medical Segmentation Decathlon layouts.</summary>
public sealed class DatasetManifest
{
    private readonly Dictionary<string, DatasetCase> _byId;

    private DatasetManifest(string root, DatasetDescription description, IReadOnlyList<DatasetCase> cases)
    {
        Root = root;
        Name = description.Name;
        Layout = description.Layout;
        ChannelNames = description.ChannelNames;
        ClassNames = description.ClassNames;
        FileEnding = description.FileEnding;
        Cases = cases;
        _byId = cases.ToDictionary(one => one.Id, StringComparer.Ordinal);
    }

    /// <summary>The folder.</summary>
    public string Root { get; }

    /// <summary>The name in dataset.json, or the folder's.</summary>
    public string Name { get; }

    /// <summary>Which layout was found.</summary>
    public DatasetLayout Layout { get; }

    /// <summary>What each channel of the images shows, such as "CT"; the index is the channel.</summary>
    public IReadOnlyList<string> ChannelNames { get; }

    /// <summary>The classes; the index is the value in the label maps, 0 is the background.</summary>
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

    /// <summary>Reads dataset.json and finds the files of all cases; reads no image.</summary>
    /// <param name="root">The folder that holds dataset.json.</param>
    /// <exception cref="InvalidDataException">dataset.json is missing or broken, uses regions or an ignore label, or files are missing.</exception>
    public static DatasetManifest Open(string root)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        string path = Path.Combine(root, DatasetDescription.FileName);
        if (!File.Exists(path))
            throw new InvalidDataException(Directory.Exists(root)
                ? $"{root}: expected a {DatasetDescription.FileName} in the data set's folder, found none."
                : $"{root}: there is no such folder; expected a data set with a {DatasetDescription.FileName}.");
        var description = DatasetDescription.Read(path);
        var cases = new DatasetFiles(root, description).Find();
        return cases.Count > 0 ? new DatasetManifest(root, description, cases)
            : throw new InvalidDataException($"{root}: no cases found; expected images such as imagesTr/case_0000{description.FileEnding}.");
    }
}
