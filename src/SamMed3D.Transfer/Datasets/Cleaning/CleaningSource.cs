namespace SamMed3D.Transfer;

/// <summary>What is to be cleaned: a data set, a folder of label files, or one of them.</summary>
internal sealed class CleaningSource
{
    private CleaningSource(string path, DatasetManifest? manifest, IReadOnlyList<CleaningItem> items)
    {
        Path = path;
        Manifest = manifest;
        Items = items;
    }

    public string Path { get; }

    /// <summary>Null where there is no data set.</summary>
    public DatasetManifest? Manifest { get; }

    public IReadOnlyList<CleaningItem> Items { get; }

    public bool IsFile => File.Exists(Path);

    public bool IsTree => Manifest?.Layout == DatasetLayout.SamMed3D;

    /// <exception cref="InvalidDataException">There is nothing to clean, or the data set is broken or of a layout that cannot be written.</exception>
    public static CleaningSource Open(string path)
    {
        if (path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            throw new InvalidDataException($"{path}: is a list or a description; expected a folder in the layout of nnU-Net, the Decathlon or SAM-Med3D, a folder of label files or one of them.");
        if (File.Exists(path))
            return new CleaningSource(path, null, [new CleaningItem(System.IO.Path.GetFileName(path), null, path, null, [])]);
        if (!Directory.Exists(path))
            throw new InvalidDataException($"{path}: there is no such file or folder; expected a data set, a folder of label files or one of them.");
        if (NamesClasses(path))
            return OfDataset(path);
        var files = Directory.EnumerateFiles(path).Where(IsVolume).Order(StringComparer.Ordinal).ToList();
        return files.Count == 0
            ? throw new InvalidDataException($"{path}: expected a data set with a {DatasetDescription.FileName}, SAM-Med3D's tree (ORGAN/DATASET/imagesTr and labelsTr), or label files ({VolumeEnding.Written}); found none of them.")
            : new CleaningSource(path, null, [.. files.Select(file => new CleaningItem(
                System.IO.Path.GetFileName(file), null, file, System.IO.Path.GetFileName(file), []))]);
    }

    /// <summary>Whether the classes have names there already: in dataset.json, or as the organ folders of SAM-Med3D's tree.</summary>
    public static bool NamesClasses(string folder) =>
        Directory.Exists(folder) && (File.Exists(System.IO.Path.Combine(folder, DatasetDescription.FileName)) || OrganTree.IsAt(folder));

    private static CleaningSource OfDataset(string root)
    {
        var manifest = DatasetManifest.Open(root);
        if (manifest.Labels.HasRegions)
            throw new InvalidDataException($"{System.IO.Path.Combine(root, DatasetDescription.FileName)}: has regions, which may overlap; cleaning takes each value for a mask of its own: give the values names and no regions_class_order, and clean that.");
        if (manifest.Cases.FirstOrDefault(one => one.LabelPath is { } label && !IsVolume(label)) is { } other)
            throw new InvalidDataException($"{other.LabelPath}: expected label files that end in {VolumeEnding.Written}, which is what is written.");
        if (manifest.Layout == DatasetLayout.SamMed3D)
            return OfTree(manifest);
        return new CleaningSource(root, manifest, [.. manifest.Cases.Select(one => new CleaningItem(one.Id, one.Part, one.LabelPath,
            one.LabelPath is null ? null : Below(root, one.LabelPath), [.. one.ImagePaths.SelectMany(SourceFiles.Of).Select(image => (image, Below(root, image)))]))]);
    }

    private static CleaningSource OfTree(DatasetManifest manifest)
    {
        List<CleaningItem> items = [.. manifest.Cases.Select(InTree)];
        if (items.GroupBy(item => (item.Organ, item.Subject)).FirstOrDefault(same => same.Count() > 1)?.ToList() is [var first, var second, ..])
            throw new InvalidDataException($"{manifest.Root}: {first.Id} and {second.Id} are of organ folders of one name, {first.Organ}, "
                + "and would be one case of the output; clean them one by one.");
        return new CleaningSource(manifest.Root, manifest, items);
    }

    /// <summary>Wherever in the tree its root is: ORGAN/DATASET/imagesTr/NAME is what an image's full path ends in.</summary>
    private static CleaningItem InTree(DatasetCase one)
    {
        string image = System.IO.Path.GetFullPath(one.ImagePaths[0]), imageFolder = System.IO.Path.GetDirectoryName(image)!;
        string dataset = System.IO.Path.GetDirectoryName(imageFolder)!, name = System.IO.Path.GetFileName(dataset);
        string? organ = System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(dataset));
        if (string.IsNullOrEmpty(organ))
            throw new InvalidDataException($"{dataset}: has no folder above it, whose name would be the organ's; expected ORGAN/DATASET/{System.IO.Path.GetFileName(imageFolder)}.");
        string InDataset(string file) => System.IO.Path.Combine(name, Below(dataset, System.IO.Path.GetFullPath(file)));
        string label = one.LabelPath ?? System.IO.Path.Combine(
            dataset, "labels" + System.IO.Path.GetFileName(imageFolder)["images".Length..], System.IO.Path.GetFileName(image));
        return new CleaningItem(one.Id, one.Part, one.LabelPath, InDataset(label), [.. SourceFiles.Of(image).Select(file => (file, InDataset(file)))])
        {
            Organ = organ,
            Subject = OrganTree.Id(name, VolumeEnding.Without(System.IO.Path.GetFileName(image))),
        };
    }

    /// <summary>The place of a file below its data set, which is its place below the output.</summary>
    private static string Below(string root, string file)
    {
        string relative = System.IO.Path.GetRelativePath(root, file);
        return relative.StartsWith("..", StringComparison.Ordinal) || System.IO.Path.IsPathRooted(relative)
            ? throw new InvalidDataException($"{file}: lies outside of the data set {root}; expected all files in its folder.")
            : relative;
    }

    private static bool IsVolume(string file) => System.IO.Path.GetFileName(file)[0] != '.' && VolumeEnding.Of(file) is not null;
}
