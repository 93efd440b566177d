namespace SamMed3D.Transfer;

/// <summary>Finds the files of the cases that a dataset.json describes, and every file that should be there but is not.</summary>
internal sealed class DatasetFiles(string root, DatasetDescription description)
{
    private const int MostNamed = 8;

    private readonly List<string> _missing = [];

    /// <summary>The cases, sorted by id, training before test.</summary>
    /// <exception cref="InvalidDataException">Files are missing (all of them are named), or two cases have one id.</exception>
    public IReadOnlyList<DatasetCase> Find()
    {
        DatasetCase[] cases = description.Layout == DatasetLayout.NnUnet
            ? [.. OnDisk("imagesTr", "labelsTr", DatasetPart.Training), .. OnDisk("imagesTs", "labelsTs", DatasetPart.Test)]
            : [.. Listed(description.Training, DatasetPart.Training), .. Listed(description.Test, DatasetPart.Test)];
        if (_missing.Count > 0)
            throw new InvalidDataException(
                $"{root}: {_missing.Count} file{(_missing.Count == 1 ? " is" : "s are")} missing: {string.Join(", ", _missing.Take(MostNamed))}{(_missing.Count > MostNamed ? $" and {_missing.Count - MostNamed} more" : "")}.");
        int training = cases.Count(one => one.Part == DatasetPart.Training);
        if (training == 0)
            throw new InvalidDataException($"{root}: no training cases; " + (description.Layout == DatasetLayout.NnUnet
                ? $"expected files named case_0000{description.FileEnding} in {Path.Combine(root, "imagesTr")}, as dataset.json's file_ending says."
                : "dataset.json lists none under 'training'."));
        if (description.TrainingCount is { } expected && expected != training)
            throw description.Broken("numTraining", $"{training}, the number of training cases", $"{expected}");
        if (cases.GroupBy(one => one.Id, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new InvalidDataException($"{root}: case {twice.Key} occurs {twice.Count()} times; ids must be unique over training and test.");
        return [.. cases.OrderBy(one => one.Part).ThenBy(one => one.Id, StringComparer.Ordinal)];
    }

    private List<DatasetCase> OnDisk(string imageFolder, string labelFolder, DatasetPart part)
    {
        string ending = description.FileEnding;
        var images = Names(imageFolder);
        var labels = Names(labelFolder);
        var ids = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string name in images)
        {
            string stem = name[..^ending.Length];
            if (stem.Length < 6 || stem[^5] != '_' || !stem[^4..].All(char.IsAsciiDigit))
                throw new InvalidDataException(
                    $"{Path.Combine(root, imageFolder, name)}: expected a name of the form case_0000{ending}, with the channel's four digits.");
            ids.Add(stem[..^5]);
        }

        // A label without any image is a case whose images are missing.
        ids.UnionWith(labels.Select(name => name[..^ending.Length]));
        var cases = new List<DatasetCase>();
        foreach (string id in ids)
        {
            var channels = Enumerable.Range(0, description.ChannelNames.Count).Select(channel => $"{id}_{channel:0000}{ending}").ToArray();
            _missing.AddRange(channels.Where(name => !images.Contains(name)).Select(name => $"{imageFolder}/{name}"));
            bool hasLabel = labels.Contains(id + ending);
            if (!hasLabel && part == DatasetPart.Training)
                _missing.Add($"{labelFolder}/{id}{ending}");
            cases.Add(new DatasetCase(id, [.. channels.Select(name => Path.Combine(root, imageFolder, name))],
                hasLabel ? Path.Combine(root, labelFolder, id + ending) : null, part));
        }

        return cases;
    }

    private List<DatasetCase> Listed(IReadOnlyList<ListedCase> listed, DatasetPart part)
    {
        var cases = new List<DatasetCase>();
        foreach (var one in listed)
        {
            string image = Path.GetFullPath(Path.Combine(root, one.Image));
            string ending = image.EndsWith(".nii.gz", StringComparison.Ordinal) ? ".nii.gz" : Path.GetExtension(image);
            string id = Path.GetFileName(image)[..^ending.Length];
            string[] images = [image];
            if (!File.Exists(image))
            {
                // nnU-Net v1 lists the name without the channel's number.
                images = [.. Enumerable.Range(0, description.ChannelNames.Count).Select(channel => $"{image[..^ending.Length]}_{channel:0000}{ending}")];
                if (!File.Exists(images[0]))
                    _missing.Add(one.Image);
                else
                    _missing.AddRange(images.Where(path => !File.Exists(path)).Select(path => Path.GetRelativePath(root, path)));
            }

            string? label = one.Label is null ? null : Path.GetFullPath(Path.Combine(root, one.Label));
            if (label is not null && !File.Exists(label))
                _missing.Add(one.Label!);
            if (label is null && Path.Combine(root, "labelsTs", id + ending) is var beside && File.Exists(beside))
                label = beside;
            cases.Add(new DatasetCase(id, images, label, part));
        }

        return cases;
    }

    /// <summary>File names with the data set's ending; names that start with a dot (macOS leaves "._case") are no cases.</summary>
    private HashSet<string> Names(string folder)
    {
        string path = Path.Combine(root, folder);
        if (!Directory.Exists(path))
            return [];
        return Directory.EnumerateFiles(path).Select(file => Path.GetFileName(file))
            .Where(name => name[0] != '.' && name.EndsWith(description.FileEnding, StringComparison.Ordinal))
            .ToHashSet(StringComparer.Ordinal);
    }
}
