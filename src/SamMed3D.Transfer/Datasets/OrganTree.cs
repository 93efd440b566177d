namespace SamMed3D.Transfer;

/// <summary>
/// Finds the cases of SAM-Med3D's tree: <c>ORGAN/DATASET/imagesTr/NAME</c> with <c>labelsTr/NAME</c>. The root may also be the folder of an organ, or
/// the one that holds imagesTr. An image that occurs under several organs is one subject.
/// </summary>
internal static class OrganTree
{
    private const int Depth = 2;

    /// <summary>Between the parts of an id: ids become file names.</summary>
    private const string Separator = "__";

    /// <summary>What nnU-Net puts behind the name of an image's first channel.</summary>
    private const string FirstChannel = "_0000";

    /// <summary>Behind "images" and "labels": training, validation, test.</summary>
    private static readonly string[] Suffixes = ["Tr", "Val", "Ts"];

    private static readonly string[] Endings = [".nii.gz", ".nii", ".nrrd", ".mha", ".mhd"];

    /// <summary>What people lay beside data: read-me files, licences, descriptions, reports.</summary>
    private static readonly string[] Documents = ["", ".txt", ".md", ".rst", ".pdf", ".html", ".json", ".csv", ".tsv", ".yaml", ".yml", ".log"];

    /// <summary>Whether there is such a folder, with images and labels, at the root or below it.</summary>
    public static bool IsAt(string root) => Folders(root, Depth).Any(IsWhole);

    /// <summary>The id of a case, of the names of its folders and its file.</summary>
    public static string Id(params IEnumerable<string> parts) => string.Join(Separator, parts);

    /// <returns>Null where there is no such folder below the root.</returns>
    public static DatasetContent? Find(string root)
    {
        var folders = Folders(root, Depth).Order(StringComparer.Ordinal).ToList();
        if (!folders.Exists(IsWhole))
            return null;
        List<DatasetCase> cases = [];
        List<DatasetProblem> problems = [];
        List<string> validation = [];
        foreach (string folder in folders)
            foreach (string suffix in Suffixes)
            {
                var found = Cases(root, folder, suffix, suffix == "Ts" ? DatasetPart.Test : DatasetPart.Training, problems);
                cases.AddRange(found);
                if (suffix == "Val")
                    validation.AddRange(found.Select(one => one.Id));
            }

        Extras(root, root, folders, problems);
        string[] modalities = [.. folders.Select(folder => Modality(Path.GetFileName(folder))).Distinct()];
        var description = DatasetDescription.OfOneStructure(
            new DirectoryInfo(Path.GetFullPath(root)).Name, modalities is [var only] ? only : "image");
        return new DatasetContent(root, root, description, DatasetFiles.Sorted(cases, root, problems))
        {
            Problems = problems,
            ValidationIds = [.. validation.Order(StringComparer.Ordinal)],
        };
    }

    private static List<DatasetCase> Cases(string root, string folder, string suffix, DatasetPart part, List<DatasetProblem> problems)
    {
        string imageFolder = Path.Combine(folder, "images" + suffix), labelFolder = Path.Combine(folder, "labels" + suffix);
        var images = Volumes(imageFolder);
        var labels = Volumes(labelFolder);
        string[] parts = Path.GetRelativePath(root, folder).Split(Path.DirectorySeparatorChar).Where(name => name != ".").ToArray();
        var named = NamedByChannel(folder, images, labels);
        foreach (string stem in named)
            problems.Add(new(ProblemSeverity.Error, DatasetProblemKind.MisnamedFile, Id([.. parts, stem]), "an image named as its label is, as in SAM-Med3D's tree",
                $"{Path.GetFileName(images[stem])}, named as nnU-Net names files", "name it as its label is, or take it out of the folder", Path.GetRelativePath(root, images[stem])));
        if (part == DatasetPart.Training && images.Count + labels.Count == 0 && (Directory.Exists(imageFolder) || Directory.Exists(labelFolder)))
            problems.Add(new(ProblemSeverity.Warning, DatasetProblemKind.CaseCount, Id(parts), "cases", $"none in images{suffix} and labels{suffix}",
                "put the cases there, or remove the folders", Path.GetRelativePath(root, folder)));
        var cases = new List<DatasetCase>();
        foreach (string stem in images.Keys.Union(labels.Keys).Except(named).Order(StringComparer.Ordinal))
        {
            string id = Id([.. parts, stem]);
            bool hasLabel = labels.TryGetValue(stem, out string? label);
            if (!images.TryGetValue(stem, out string? image) && named.Contains(stem + FirstChannel))
                continue;
            if (image is null)
                problems.Add(DatasetFiles.Missing(root, id, Path.GetRelativePath(root, Path.Combine(imageFolder, Path.GetFileName(label!)))));
            else if (!hasLabel && part == DatasetPart.Training)
                problems.Add(DatasetFiles.Missing(root, id, Path.GetRelativePath(root, Path.Combine(labelFolder, Path.GetFileName(image)))));
            else
                cases.Add(new DatasetCase(id, [Path.GetFullPath(image)], label is null ? null : Path.GetFullPath(label), part)
                {
                    Subject = Id([.. parts.TakeLast(1), stem]),
                });
        }

        return cases;
    }

    /// <summary>Images that are named as nnU-Net names them, beside a label without the channel's number.</summary>
    /// <exception cref="InvalidDataException">No image is named as a label is: the whole folder is nnU-Net's, whose description says what the labels mean.</exception>
    private static List<string> NamedByChannel(string folder, Dictionary<string, string> images, Dictionary<string, string> labels)
    {
        List<string> named = [.. images.Keys.Where(stem => stem.EndsWith(FirstChannel, StringComparison.Ordinal)
            && !labels.ContainsKey(stem) && labels.ContainsKey(stem[..^FirstChannel.Length])).Order(StringComparer.Ordinal)];
        if (named.Count == 0 || images.Keys.Any(labels.ContainsKey))
            return named;
        throw new InvalidDataException(File.Exists(Path.Combine(folder, DatasetDescription.FileName))
            ? $"{folder}: is a data set of its own, with a {DatasetDescription.FileName}; give this folder."
            : $"{folder}: has no {DatasetDescription.FileName}, but files named as nnU-Net names them ({Path.GetFileName(images[named[0]])}); "
                + $"put it there, or, for SAM-Med3D's tree, name image and label alike.");
    }

    /// <summary>What lies where the tree has nothing. Hidden files and, above the images, documents are not worth a word.</summary>
    private static void Extras(string root, string folder, List<string> datasets, List<DatasetProblem> problems)
    {
        bool isDataset = datasets.Contains(folder);
        foreach (string path in Directory.EnumerateFileSystemEntries(folder).Where(path => Path.GetFileName(path)[0] != '.').Order(StringComparer.Ordinal))
            if (!Directory.Exists(path))
                Note(path, !Documents.Contains(Path.GetExtension(path).ToLowerInvariant()));
            else if (isDataset && Suffixes.Any(suffix => Path.GetFileName(path) == "images" + suffix || Path.GetFileName(path) == "labels" + suffix))
                foreach (string inside in Directory.EnumerateFileSystemEntries(path).Where(inside => Path.GetFileName(inside)[0] != '.').Order(StringComparer.Ordinal))
                    Note(inside, Directory.Exists(inside) || !(Array.Exists(Endings, ending => inside.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) || DatasetFiles.IsDataOfHeader(inside)));
            else if (datasets.Exists(dataset => dataset == path || dataset.StartsWith(path + Path.DirectorySeparatorChar, StringComparison.Ordinal)))
                Extras(root, path, datasets, problems);
            else
                Note(path, true);

        void Note(string path, bool isExtra)
        {
            if (isExtra)
                problems.Add(new(ProblemSeverity.Warning, DatasetProblemKind.ExtraFile, Path.GetFileName(path), "ORGAN/DATASET/imagesTr and labelsTr (Val, Ts) with volumes alone",
                    Directory.Exists(path) ? "a folder without cases" : "a file that belongs to no case", "remove it, or move it to where a case has it; training does not see it",
                    Path.GetRelativePath(root, path)));
        }
    }

    /// <summary>The folders that hold images or labels, at most so many levels down; below one with both there is no other.</summary>
    private static IEnumerable<string> Folders(string folder, int depth)
    {
        if (IsWhole(folder))
            return [folder];
        var below = depth == 0 ? [] : Directory.EnumerateDirectories(folder).SelectMany(child => Folders(child, depth - 1));
        return Suffixes.Any(suffix => Directory.Exists(Path.Combine(folder, "images" + suffix)) || Directory.Exists(Path.Combine(folder, "labels" + suffix)))
            ? below.Prepend(folder) : below;
    }

    private static bool IsWhole(string folder) =>
        Suffixes.Any(suffix => Directory.Exists(Path.Combine(folder, "images" + suffix)) && Directory.Exists(Path.Combine(folder, "labels" + suffix)));

    /// <summary>SAM-Med3D names its folders ct_AMOS, mr_AMOS.</summary>
    private static string Modality(string folder) =>
        folder.StartsWith("ct", StringComparison.OrdinalIgnoreCase) ? "CT" : folder.StartsWith("mr", StringComparison.OrdinalIgnoreCase) ? "MRI" : "image";

    private static Dictionary<string, string> Volumes(string folder)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!Directory.Exists(folder))
            return found;
        foreach (string file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
            if (Path.GetFileName(file) is var name && name[0] != '.' && Array.Find(Endings, ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) is { } ending
                && !found.TryAdd(name[..^ending.Length], file))
                throw new InvalidDataException($"{file}: there is also {Path.GetFileName(found[name[..^ending.Length]])}; keep one of the two.");
        return found;
    }
}
