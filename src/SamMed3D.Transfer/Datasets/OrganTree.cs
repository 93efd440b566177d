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

    /// <summary>Behind "images" and "labels": training, validation, test.</summary>
    private static readonly string[] Suffixes = ["Tr", "Val", "Ts"];

    private static readonly string[] Endings = [".nii.gz", ".nii", ".nrrd", ".mha", ".mhd"];

    /// <summary>Whether there is such a folder at the root or below it.</summary>
    public static bool IsAt(string root) => Folders(root, Depth).Any();

    /// <summary>The id of a case, of the names of its folders and its file.</summary>
    public static string Id(params IEnumerable<string> parts) => string.Join(Separator, parts);

    /// <returns>Null where there is no such folder below the root.</returns>
    public static DatasetContent? Find(string root)
    {
        var folders = Folders(root, Depth).Order(StringComparer.Ordinal).ToList();
        if (folders.Count == 0)
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
        RequireOwnNames(folder, images, labels);
        string[] parts = Path.GetRelativePath(root, folder).Split(Path.DirectorySeparatorChar).Where(name => name != ".").ToArray();
        var cases = new List<DatasetCase>();
        foreach (string stem in images.Keys.Union(labels.Keys).Order(StringComparer.Ordinal))
        {
            string id = Id([.. parts, stem]);
            bool hasLabel = labels.TryGetValue(stem, out string? label);
            if (!images.TryGetValue(stem, out string? image))
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

    /// <summary>nnU-Net's folders have the same names; without its description nothing says what their labels mean.</summary>
    private static void RequireOwnNames(string folder, Dictionary<string, string> images, Dictionary<string, string> labels)
    {
        bool IsOfChannel(string stem) => stem.EndsWith("_0000", StringComparison.Ordinal) && !labels.ContainsKey(stem) && labels.ContainsKey(stem[..^5]);
        if (images.Keys.FirstOrDefault(IsOfChannel) is not { } named)
            return;
        throw new InvalidDataException(File.Exists(Path.Combine(folder, DatasetDescription.FileName))
            ? $"{folder}: is a data set of its own, with a {DatasetDescription.FileName}; give this folder."
            : $"{folder}: has no {DatasetDescription.FileName}, but files named as nnU-Net names them ({Path.GetFileName(images[named])}); "
                + $"put it there, or, for SAM-Med3D's tree, name image and label alike.");
    }

    /// <summary>The folders that hold imagesTr, imagesVal or imagesTs, at most so many levels down.</summary>
    private static IEnumerable<string> Folders(string folder, int depth)
    {
        if (Suffixes.Any(suffix => Directory.Exists(Path.Combine(folder, "images" + suffix)) && Directory.Exists(Path.Combine(folder, "labels" + suffix))))
            return [folder];
        return depth == 0 ? [] : Directory.EnumerateDirectories(folder).SelectMany(child => Folders(child, depth - 1));
    }

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
