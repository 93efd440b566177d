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

    /// <exception cref="InvalidDataException">There is nothing to clean, or the data set is broken or of a layout that cannot be written.</exception>
    public static CleaningSource Open(string path)
    {
        if (path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            throw new InvalidDataException($"{path}: is a list or a description; expected a folder in the layout of nnU-Net or the Decathlon, a folder of label files or one of them.");
        if (File.Exists(path))
            return new CleaningSource(path, null, [new CleaningItem(System.IO.Path.GetFileName(path), null, path, null, [])]);
        if (!Directory.Exists(path))
            throw new InvalidDataException($"{path}: there is no such file or folder; expected a data set, a folder of label files or one of them.");
        if (File.Exists(System.IO.Path.Combine(path, DatasetDescription.FileName)))
            return OfDataset(path);
        var files = Directory.EnumerateFiles(path).Where(IsVolume).Order(StringComparer.Ordinal).ToList();
        return files.Count == 0
            ? throw new InvalidDataException($"{path}: expected a data set with a {DatasetDescription.FileName}, or label files ({VolumeEnding.Written}); found neither.")
            : new CleaningSource(path, null, [.. files.Select(file => new CleaningItem(
                System.IO.Path.GetFileName(file), null, file, System.IO.Path.GetFileName(file), []))]);
    }

    private static CleaningSource OfDataset(string root)
    {
        var manifest = DatasetManifest.Open(root);
        if (manifest.Layout is not (DatasetLayout.NnUnet or DatasetLayout.Decathlon))
            throw new InvalidDataException($"{root}: its layout is {manifest.Layout}; cleaning writes those of nnU-Net and of the Medical Segmentation Decathlon.");
        string description = System.IO.Path.Combine(root, DatasetDescription.FileName);
        if (manifest.Labels.HasRegions)
            throw new InvalidDataException($"{description}: has regions, which may overlap; cleaning takes each value for a mask of its own: give the values names and no regions_class_order, and clean that.");
        if (manifest.Labels.IgnoreValue is { } ignored)
            throw new InvalidDataException($"{description}: the label 'ignore' ({ignored}) is no mask that could be cleaned; give it a name of its own, or take it out of the label files.");
        if (manifest.Cases.FirstOrDefault(one => one.LabelPath is { } label && !IsVolume(label)) is { } other)
            throw new InvalidDataException($"{other.LabelPath}: expected label files that end in {VolumeEnding.Written}, which is what is written.");
        return new CleaningSource(root, manifest, [.. manifest.Cases.Select(one => new CleaningItem(one.Id, one.Part, one.LabelPath,
            one.LabelPath is null ? null : Below(root, one.LabelPath), [.. one.ImagePaths.SelectMany(SourceFiles.Of).Select(image => (image, Below(root, image)))]))]);
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
