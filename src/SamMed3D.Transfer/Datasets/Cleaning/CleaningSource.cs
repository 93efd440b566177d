namespace SamMed3D.Transfer;

/// <summary>What is to be cleaned: a data set, a folder of label files, or one of them.</summary>
internal sealed class CleaningSource
{
    private static readonly string[] Endings = [".nii.gz", ".nii"];

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
        if (File.Exists(path))
            return new CleaningSource(path, null, [new CleaningItem(System.IO.Path.GetFileName(path), null, path, null, [])]);
        if (!Directory.Exists(path))
            throw new InvalidDataException($"{path}: there is no such file or folder; expected a data set, a folder of label files or one of them.");
        if (File.Exists(System.IO.Path.Combine(path, DatasetDescription.FileName)))
            return OfDataset(path);
        var files = Directory.EnumerateFiles(path).Where(IsNifti).Order(StringComparer.Ordinal).ToList();
        return files.Count == 0
            ? throw new InvalidDataException($"{path}: expected a data set with a {DatasetDescription.FileName}, or label files (.nii.gz or .nii); found neither.")
            : new CleaningSource(path, null, [.. files.Select(file => new CleaningItem(
                System.IO.Path.GetFileName(file), null, file, System.IO.Path.GetFileName(file), []))]);
    }

    private static CleaningSource OfDataset(string root)
    {
        var manifest = DatasetManifest.Open(root);
        if (manifest.Layout is not (DatasetLayout.NnUnet or DatasetLayout.Decathlon))
            throw new InvalidDataException($"{root}: its layout is {manifest.Layout}; cleaning writes those of nnU-Net and of the Medical Segmentation Decathlon.");
        if (manifest.Cases.FirstOrDefault(one => one.LabelPath is { } label && !IsNifti(label)) is { } other)
            throw new InvalidDataException($"{other.LabelPath}: expected label files that end in .nii.gz or .nii, which is what is written.");
        return new CleaningSource(root, manifest, [.. manifest.Cases.Select(one => new CleaningItem(one.Id, one.Part, one.LabelPath,
            one.LabelPath is null ? null : Below(root, one.LabelPath), [.. one.ImagePaths.Select(image => (image, Below(root, image)))]))]);
    }

    /// <summary>The place of a file below its data set, which is its place below the output.</summary>
    private static string Below(string root, string file)
    {
        string relative = System.IO.Path.GetRelativePath(root, file);
        return relative.StartsWith("..", StringComparison.Ordinal) || System.IO.Path.IsPathRooted(relative)
            ? throw new InvalidDataException($"{file}: lies outside of the data set {root}; expected all files in its folder.")
            : relative;
    }

    private static bool IsNifti(string file) => System.IO.Path.GetFileName(file)[0] != '.'
        && Array.Exists(Endings, ending => file.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
}
