namespace SamMed3D.Transfer;

/// <summary>Finds the files of the cases that a dataset.json describes, and every file that should be there but is not.</summary>
internal sealed class DatasetFiles(string root, DatasetDescription description)
{
    private static readonly string[] Folders = ["imagesTr", "labelsTr", "imagesTs", "labelsTs"];

    private readonly List<DatasetProblem> _problems = [];

    /// <summary>Full paths of what cases have or should have, also of cases that are not whole.</summary>
    private readonly HashSet<string> _claimed = new(StringComparer.Ordinal);

    /// <summary>The cases whose files are all there, sorted by id, training before test.</summary>
    public DatasetContent Find()
    {
        DatasetCase[] cases = description.ListedFiles is not null
            ? [.. ListedById(), .. OnDisk("imagesTs", "labelsTs", DatasetPart.Test)]
            : description.Layout == DatasetLayout.NnUnet
            ? [.. OnDisk("imagesTr", "labelsTr", DatasetPart.Training), .. OnDisk("imagesTs", "labelsTs", DatasetPart.Test)]
            : [.. Listed(description.Training, DatasetPart.Training), .. Listed(description.Test, DatasetPart.Test)];
        int training = cases.Count(one => one.Part == DatasetPart.Training)
            + _problems.Where(problem => problem.Kind is DatasetProblemKind.MissingFile or DatasetProblemKind.MisnamedFile)
                .Select(problem => problem.Case).Distinct().Count();
        if (training == 0)
            _problems.Add(new(ProblemSeverity.Error, DatasetProblemKind.CaseCount, "all cases", description.Layout == DatasetLayout.NnUnet
                ? $"files named case_0000{description.FileEnding} in {Path.Combine(root, "imagesTr")}, as dataset.json's file_ending says"
                : "cases under \"training\" in dataset.json", "no training cases", "put the cases there, or correct dataset.json",
                DatasetDescription.FileName));
        else if (description.TrainingCount is { } expected && expected != training && _problems.Count == 0)
            _problems.Add(new(ProblemSeverity.Error, DatasetProblemKind.CaseCount, "numTraining",
                $"{training}, the number of training cases", $"{expected}", "correct numTraining, or find the cases that are missing or too many",
                DatasetDescription.FileName));
        var test = cases.Where(one => one.Part == DatasetPart.Test).ToList();
        if (description.TestCount is { } wanted && wanted != test.Count && _problems.Count == 0)
            _problems.Add(new(ProblemSeverity.Warning, DatasetProblemKind.CaseCount, "numTest",
                $"{test.Count}, the number of test cases", $"{wanted}", "correct numTest, or find the cases that are missing or too many",
                DatasetDescription.FileName));
        if (test.Count(one => one.LabelPath is null) is > 0 and var unlabelled && unlabelled < test.Count)
            _problems.Add(new(ProblemSeverity.Note, DatasetProblemKind.CaseCount, test.First(one => one.LabelPath is null).Id, "labels of every test case, or of none",
                $"{unlabelled} of {test.Count} without", "only cases with labels are scored"));
        var sorted = Sorted(cases, root, _problems);
        Extras();
        return new DatasetContent(root, root, description, sorted) { Problems = _problems };
    }

    /// <summary>Training before test, by id; of cases with one id the first, and a problem for it.</summary>
    public static IReadOnlyList<DatasetCase> Sorted(IEnumerable<DatasetCase> cases, string root, List<DatasetProblem> problems)
    {
        var byId = cases.GroupBy(one => one.Id, StringComparer.Ordinal).ToList();
        foreach (var twice in byId.Where(same => same.Count() > 1))
            problems.Add(new(ProblemSeverity.Error, DatasetProblemKind.RepeatedId, twice.Key, "an id that is unique over training and test",
                $"case {twice.Key} occurs {twice.Count()} times in {root}", "rename one of the cases, or remove it"));
        return [.. byId.Select(same => same.First()).OrderBy(one => one.Part).ThenBy(one => one.Id, StringComparer.Ordinal)];
    }

    /// <summary>Whether there is a file; a link that leads nowhere is none, though the system finds its name.</summary>
    public static bool IsThere(string path) =>
        File.Exists(path) && (new FileInfo(path) is { LinkTarget: null } || File.ResolveLinkTarget(path, returnFinalTarget: true) is { Exists: true });

    /// <summary>The problem of a path, below the root or whole, that is no file.</summary>
    public static DatasetProblem Missing(string root, string id, string path)
    {
        string full = Path.Combine(root, path);
        string? other = OfAnotherEnding(full);
        string found = Directory.Exists(full) ? "a folder" : new FileInfo(full).LinkTarget is { } target ? $"a link to {target}, which is not there"
            : other is null ? "no such file" : $"no such file, but {Path.GetFileName(other)}";
        return new(ProblemSeverity.Error, DatasetProblemKind.MissingFile, id, path, found, other is null ? "put the file there, or take the case out"
            : "convert the file that is there, or correct the ending that the data set asks for; else put the file there, or take the case out", path);
    }

    /// <summary>Whether a file holds the voxels of a header (.mhd or .nhdr) beside it, whose name it has but for the ending.</summary>
    public static bool IsDataOfHeader(string path)
    {
        string plain = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        return VolumeEnding.Of(path) is null && (File.Exists(Path.ChangeExtension(plain, ".mhd")) || File.Exists(Path.ChangeExtension(plain, ".nhdr")));
    }

    /// <summary>A file that is named as a missing one is but for the ending of a volume; null where there is none.</summary>
    private static string? OfAnotherEnding(string path) => VolumeEnding.Others(path).FirstOrDefault(File.Exists);

    private List<DatasetCase> OnDisk(string imageFolder, string labelFolder, DatasetPart part)
    {
        string ending = description.FileEnding;
        var images = Names(imageFolder);
        var labels = Names(labelFolder);
        SortedSet<string> ids = new(StringComparer.Ordinal), misnamed = new(StringComparer.Ordinal);
        foreach (string name in images)
        {
            string stem = name[..^ending.Length];
            if (stem.Length < 6 || stem[^5] != '_' || !stem[^4..].All(char.IsAsciiDigit))
            {
                misnamed.Add(stem);
                _claimed.UnionWith([Full($"{imageFolder}/{name}"), Full($"{labelFolder}/{name}")]);
                _problems.Add(new(ProblemSeverity.Error, DatasetProblemKind.MisnamedFile, name, $"a name of the form case_0000{ending}, with the channel's four digits", name,
                    "rename it, or take it out of the folder", $"{imageFolder}/{name}"));
                continue;
            }

            ids.Add(stem[..^5]);
        }

        // A label without any image is a case whose images are missing.
        ids.UnionWith(labels.Select(name => name[..^ending.Length]).Except(misnamed));
        var cases = new List<DatasetCase>();
        foreach (string id in ids)
        {
            string[] channels = [.. Enumerable.Range(0, description.ChannelNames.Count).Select(channel => $"{imageFolder}/{id}_{channel:0000}{ending}")];
            bool hasLabel = labels.Contains(id + ending);
            AddWhole(cases, id, channels, hasLabel || part == DatasetPart.Training ? $"{labelFolder}/{id}{ending}" : null, part);
        }

        return cases;
    }

    private List<DatasetCase> ListedById()
    {
        var cases = new List<DatasetCase>();
        foreach (var (id, (images, label)) in description.ListedFiles!)
            AddWhole(cases, id, images, label, DatasetPart.Training);
        return cases;
    }

    private List<DatasetCase> Listed(IReadOnlyList<ListedCase> listed, DatasetPart part)
    {
        var cases = new List<DatasetCase>();
        foreach (var one in listed)
        {
            var (id, ending) = Named(one.Image);
            string[] images = [one.Image];
            // nnU-Net v1 lists the name without the channel's number.
            string[] numbered = [.. Enumerable.Range(0, description.ChannelNames.Count).Select(channel => $"{one.Image[..^ending.Length]}_{channel:0000}{ending}")];
            if (!File.Exists(Path.Combine(root, one.Image)) && File.Exists(Path.Combine(root, numbered[0])))
                images = numbered;
            string beside = $"labelsTs/{id}{ending}";
            AddWhole(cases, id, images, one.Label ?? (File.Exists(Path.Combine(root, beside)) ? beside : null), part);
        }

        return cases;
    }

    /// <summary>A listed case is named by its image.</summary>
    public static (string Id, string Ending) Named(string image)
    {
        string name = Path.GetFileName(image);
        string ending = name.EndsWith(".nii.gz", StringComparison.Ordinal) ? ".nii.gz" : Path.GetExtension(name);
        return (name[..^ending.Length], ending);
    }

    private void AddWhole(List<DatasetCase> cases, string id, IReadOnlyList<string> images, string? label, DatasetPart part)
    {
        string[] missing = [.. images.Concat(label is null ? [] : [label]).Where(path => !IsThere(Path.Combine(root, path)))];
        _problems.AddRange(missing.Select(path => Missing(root, id, path)));
        _claimed.UnionWith(images.Concat(label is null ? [] : [label]).Select(Full));
        _claimed.UnionWith(missing.Select(path => OfAnotherEnding(Full(path))).OfType<string>());
        if (missing.Length == 0)
            cases.Add(new DatasetCase(id, [.. images.Select(Full)], label is null ? null : Full(label), part));
    }

    private string Full(string path) => Path.GetFullPath(Path.Combine(root, path));

    /// <summary>What lies in the folders of images and labels and belongs to no case.</summary>
    private void Extras()
    {
        foreach (string folder in Folders)
            if (Directory.Exists(Path.Combine(root, folder)))
                foreach (string path in Directory.EnumerateFiles(Path.Combine(root, folder)).Order(StringComparer.Ordinal))
                    if (!_claimed.Contains(Path.GetFullPath(path)) && !IsDataOfHeader(path))
                        _problems.Add(new(ProblemSeverity.Warning, DatasetProblemKind.ExtraFile, Path.GetFileName(path), "files of cases alone",
                            "a file that belongs to no case", "remove it, or add it to the data set; training does not see it",
                            $"{folder}/{Path.GetFileName(path)}"));
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
